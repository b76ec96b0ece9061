// SPDX-License-Identifier: Apache-2.0
import type { StringEncoding } from "../binary/definitions.ts";
import { trap } from "../component-error.ts";
import type { HandleTable } from "./handle-table.ts";
import { LinearMemory } from "./linear-memory.ts";

/** A number as core WebAssembly passes it: a bigint for i64. */
export type CoreValue = number | bigint;
export type CoreFunction = (...args: readonly CoreValue[]) => unknown;

/** What values are read from and written to while a call crosses a component's border. */
export interface CallContext {
  readonly handles: HandleTable;
  readonly encoding: StringEncoding;
  readonly memory: LinearMemory;
  /** Asks the guest for memory of its own. */
  readonly allocate: (sizeBytes: number, alignment: number) => number;
}

export interface CallContextParts {
  readonly handles: HandleTable;
  readonly encoding: StringEncoding;
  readonly memory: WebAssembly.Memory | undefined;
  readonly realloc: CoreFunction | undefined;
}

export function createCallContext({ handles, encoding, memory, realloc }: CallContextParts): CallContext {
  const linear = new LinearMemory(memory);
  return {
    handles,
    encoding,
    memory: linear,
    allocate(sizeBytes, alignment) {
      if (realloc === undefined) throw trap("a value needs memory, and no realloc is given");
      const pointer = Number(realloc(0, 0, alignment, sizeBytes)) >>> 0;
      linear.check(pointer, sizeBytes, alignment);
      return pointer;
    },
  };
}
