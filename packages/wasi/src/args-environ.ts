// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno } from "./errno.ts";

function sizesGet(context: WasiContext, strings: readonly Uint8Array[], count: number, size: number): Errno {
  const sizeBytes = strings.reduce((sum, string) => sum + string.length + 1, 0);
  context.memory.setU32(count, strings.length);
  context.memory.setU32(size, sizeBytes);
  return ERRNO.SUCCESS;
}

function get(context: WasiContext, strings: readonly Uint8Array[], pointers: number, buffer: number): Errno {
  let pointer = pointers >>> 0;
  let next = buffer >>> 0;
  for (const string of strings) {
    context.memory.setU32(pointer, next);
    context.memory.set(next, string);
    context.memory.set(next + string.length, NUL);
    pointer += 4;
    next += string.length + 1;
  }
  return ERRNO.SUCCESS;
}

const NUL: Uint8Array = new Uint8Array(1);

/** The arguments and the environment, exactly the bytes and the order that the caller of `runWasi` gave. */
export const argsEnvironFunctions: WasiFunctions = {
  args_sizes_get: (context: WasiContext, count: number, size: number): Errno =>
    sizesGet(context, context.args, count, size),
  args_get: (context: WasiContext, pointers: number, buffer: number): Errno =>
    get(context, context.args, pointers, buffer),
  environ_sizes_get: (context: WasiContext, count: number, size: number): Errno =>
    sizesGet(context, context.env, count, size),
  environ_get: (context: WasiContext, pointers: number, buffer: number): Errno =>
    get(context, context.env, pointers, buffer),
};
