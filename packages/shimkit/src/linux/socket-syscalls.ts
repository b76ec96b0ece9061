// SPDX-License-Identifier: Apache-2.0
// FFI only: socket(2), bind(2), listen(2) for unix(7) stream sockets, and flock(2).
import { dlopen, FFIType, ptr } from "bun:ffi";
import { ShimError } from "../error.ts";
import { close } from "./file-syscalls.ts";
import { lastErrnoName } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** unix(7): sun_path holds 108 bytes, its terminating NUL included. */
const SUN_PATH_BYTES = 108;
/** Waiting connections: containerd connects before the daemon accepts. */
const BACKLOG = 128;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      bind: { args: [FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
      listen: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      __errno_location: { args: [], returns: FFIType.ptr },
    }).symbols,
);

/**
 * Binds a listening unix stream socket; the caller owns the fd. The file's mode follows the process's umask.
 *
 * @throws ShimError AlreadyExists when the path is taken, InvalidArgument when it is too long, else Internal.
 */
export function listenUnix(path: string): number {
  const bytes = new TextEncoder().encode(path);
  if (bytes.length >= SUN_PATH_BYTES) {
    throw new ShimError("InvalidArgument", `cannot listen on "${path}": ${bytes.length} bytes (at most 107)`);
  }
  const address = new Uint8Array(2 + SUN_PATH_BYTES);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(bytes, 2);
  const fd = libc().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new ShimError("Internal", `cannot create a socket: ${lastErrnoName(libc())}`);
  if (libc().bind(fd, ptr(address), 2 + bytes.length + 1) !== 0) {
    const code = lastErrnoName(libc());
    close(fd);
    throw new ShimError(
      code === "EADDRINUSE" ? "AlreadyExists" : "Internal",
      `cannot bind "${path}": ${code}`,
    );
  }
  if (libc().listen(fd, BACKLOG) !== 0) {
    const code = lastErrnoName(libc());
    close(fd);
    throw new ShimError("Internal", `cannot listen on "${path}": ${code}`);
  }
  return fd;
}

/**
 * Waits for an exclusive flock(2) on an open file; closing the fd gives it up.
 *
 * @throws ShimError Internal when the kernel refuses.
 */
export function lockExclusive(fd: number): void {
  if (libc().flock(fd, LOCK_EX) !== 0)
    throw new ShimError("Internal", `cannot lock fd ${fd}: ${lastErrnoName(libc())}`);
}

/** As `lockExclusive` without waiting: false when somebody else holds the lock. */
export function tryLockExclusive(fd: number): boolean {
  return libc().flock(fd, LOCK_EX | LOCK_NB) === 0;
}
