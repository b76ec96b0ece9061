// SPDX-License-Identifier: Apache-2.0
// FFI only: errno(3) of the calling thread.
import { read } from "bun:ffi";
import { errnoName } from "./errno.ts";

/**
 * libc with its errno, loaded together with the calls that set it: to load it after a call that failed would set it anew.
 */
interface LibcWithErrno {
  __errno_location(): Parameters<typeof read.i32>[0] | null;
}

/** The errno of the last call that failed; 0 when libc does not say. */
function lastErrno(libc: LibcWithErrno): number {
  const location = libc.__errno_location();
  return location === null ? 0 : read.i32(location);
}

/** As `lastErrno`, its symbolic name. */
export function lastErrnoName(libc: LibcWithErrno): string {
  return errnoName(lastErrno(libc));
}

/** The kernel's convention from libc's: a result below zero becomes the negative errno. */
export function kernelAnswer(libc: LibcWithErrno, result: number): number {
  return result >= 0 ? result : -lastErrno(libc) || result;
}
