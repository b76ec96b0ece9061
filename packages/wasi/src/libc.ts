// SPDX-License-Identifier: Apache-2.0
import { dlopen, FFIType, type Pointer, read } from "bun:ffi";
import { errnoFromLinux, WasiErrno } from "./errno.ts";

/** What a system call takes: an integer below 2^53, or bytes whose address is passed (0 is NULL). */
type SyscallArgument = number | Uint8Array | BigUint64Array | Int32Array;

/** The C library's door to the kernel. Failures are Linux errnos as negative numbers. */
export interface Libc {
  readonly syscall: (
    number: number,
    a?: SyscallArgument,
    b?: SyscallArgument,
    c?: SyscallArgument,
    d?: SyscallArgument,
    e?: SyscallArgument,
  ) => number;
  readonly lseek: (fd: number, offset: bigint, whence: number) => bigint;
  readonly fallocate: (fd: number, mode: number, offset: bigint, sizeBytes: bigint) => number;
  readonly posixFadvise: (fd: number, offset: bigint, sizeBytes: bigint, advice: number) => number;
}

/**
 * Loads the C library: syscall(2), lseek(2), fallocate(2), posix_fadvise(3), errno(3).
 *
 * `syscall` is declared with pointers for all parameters, because a pointer parameter of bun:ffi takes integers
 * as well and one declaration is then enough for every call. The kernel keeps no pointer after a call returns and
 * bun:ffi holds the arrays until then, so nothing needs to be pinned or freed. errno belongs to the calling
 * thread: use the result on the thread that loaded it.
 */
export function loadLibc(): Libc {
  const { i32, i64, i64_fast, ptr } = FFIType;
  const { symbols } = dlopen("libc.so.6", {
    syscall: { args: [i64_fast, ptr, ptr, ptr, ptr, ptr, ptr], returns: i64_fast },
    lseek: { args: [i32, i64, i32], returns: i64 },
    fallocate: { args: [i32, i32, i64, i64], returns: i32 },
    posix_fadvise: { args: [i32, i64, i64, i32], returns: i32 },
    __errno_location: { args: [], returns: ptr },
  });
  const errnoAt = symbols.__errno_location();
  const errno = (): number => (errnoAt === null ? 5 : read.i32(errnoAt, 0));
  const at = (argument: SyscallArgument): Pointer | Uint8Array | BigUint64Array | Int32Array =>
    typeof argument === "number" ? asPointer(argument) : argument;
  return {
    syscall(number, a = 0, b = 0, c = 0, d = 0, e = 0) {
      const result = Number(symbols.syscall(number, at(a), at(b), at(c), at(d), at(e), NULL));
      return result === -1 ? -errno() : result;
    },
    lseek(fd, offset, whence) {
      const result = symbols.lseek(fd, offset, whence);
      return result === -1n ? BigInt(-errno()) : result;
    },
    fallocate: (fd, mode, offset, sizeBytes) =>
      symbols.fallocate(fd, mode, offset, sizeBytes) === -1 ? -errno() : 0,
    posixFadvise: (fd, offset, sizeBytes, advice) => -symbols.posix_fadvise(fd, offset, sizeBytes, advice),
  };
}

/** The result of a call, or `WasiErrno` when it is an errno. */
export function checked(result: number): number {
  if (result < 0) throw new WasiErrno(errnoFromLinux(-result));
  return result;
}

// bun-types brands pointers; the brand exists in types only.
function asPointer(integer: number): Pointer {
  return integer as Pointer;
}

const NULL: Pointer = asPointer(0);
