// SPDX-License-Identifier: Apache-2.0
import { mismatch } from "../abi/values.ts";
import type { ResourceType } from "../abi/value-type.ts";
import type { HostFunction } from "../link/host-interface.ts";

/** A function of the host. Its parameters are as values.ts has them, of the types that the component declares for its import. */
export function hostFunction(body: (...args: never[]) => unknown, mayBlock = false): HostFunction {
  return { mayBlock, call: (args) => Reflect.apply(body, undefined, args) };
}

/** A method of a resource; its first parameter is the resource, checked to be of the class. */
export function method<Self extends object>(
  type: abstract new (...args: never[]) => Self,
  body: (self: Self, ...args: never[]) => unknown,
  mayBlock = false,
): HostFunction {
  return {
    mayBlock,
    call(args) {
      if (!(args[0] instanceof type)) throw mismatch("resource", args[0]);
      return Reflect.apply(body, undefined, args);
    },
  };
}

/** A resource type of the host: its resources are objects, disposed when the guest drops them. */
export function hostResource(name: string): ResourceType {
  return {
    kind: "resource",
    name,
    owner: undefined,
    destroy(representation) {
      if (isDisposable(representation)) representation[Symbol.dispose]();
    },
  };
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === "object" && value !== null && Symbol.dispose in value;
}
