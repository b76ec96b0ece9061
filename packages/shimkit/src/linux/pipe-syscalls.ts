// SPDX-License-Identifier: Apache-2.0
// FFI only: pipe2(2).
import { dlopen, FFIType, ptr } from "bun:ffi";
import { ShimError } from "../error.ts";
import { lazy } from "./lazy.ts";

const O_CLOEXEC = 0o2000000;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      pipe2: { args: [FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
    }).symbols,
);

/**
 * A pipe, both ends close-on-exec and blocking; the caller owns the fds.
 *
 * @throws ShimError ResourceExhausted when the process has no fds left.
 */
export function createPipe(): { read: number; write: number } {
  const fds = new Int32Array(2);
  const [read, write] = libc().pipe2(ptr(fds), O_CLOEXEC) === 0 ? fds : [];
  if (read === undefined || write === undefined)
    throw new ShimError("ResourceExhausted", "cannot create a pipe");
  return { read, write };
}
