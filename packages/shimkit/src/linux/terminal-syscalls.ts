// SPDX-License-Identifier: Apache-2.0
// FFI only: accept4(2), recvmsg(2) with SCM_RIGHTS (unix(7)), ioctl(2) TIOCSWINSZ (ioctl_tty(2)), fcntl(2) F_SETFL.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { constants } from "node:fs";
import { ShimError } from "../error.ts";
import { lastErrnoName } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const TIOCSWINSZ = 0x5414;
const F_GETFL = 3;
const F_SETFL = 4;
/** struct msghdr on 64-bit Linux: name, namelen, iov, iovlen, control, controllen, flags. */
const MSGHDR_BYTES = 56;
/** CMSG_SPACE(sizeof(int)): a header of 16 bytes, the fd, padding. More fds than one are cut off by the kernel and closed. */
const CONTROL_BYTES = 24;
const CMSG_HEADER_BYTES = 16;
/** The sender puts a name of the terminal into the message, which nobody needs. */
const DATA_BYTES = 4096;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      accept4: { args: [FFIType.i32, FFIType.ptr, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
      recvmsg: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i64_fast },
      ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
      fcntl: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      __errno_location: { args: [], returns: FFIType.ptr },
    }).symbols,
);

/**
 * Takes the next connection of a listening unix socket, non-blocking: it has to be there already. The caller owns the
 * fd.
 *
 * @throws ShimError Internal when nobody has connected.
 */
export function acceptConnection(listener: number): number {
  const fd = libc().accept4(listener, null, null, SOCK_CLOEXEC);
  if (fd < 0) throw new ShimError("Internal", `cannot accept a connection: ${lastErrnoName(libc())}`);
  return fd;
}

/**
 * Receives one file descriptor that has been sent over a unix socket; the caller owns it, close-on-exec.
 *
 * @throws ShimError Internal when none has been.
 */
export function receiveDescriptor(socket: number): number {
  const data = new Uint8Array(DATA_BYTES);
  const control = new Uint8Array(CONTROL_BYTES);
  const iov = new BigUint64Array([BigInt(ptr(data)), BigInt(DATA_BYTES)]);
  const header = new BigUint64Array(MSGHDR_BYTES / 8);
  header[2] = BigInt(ptr(iov));
  header[3] = 1n;
  header[4] = BigInt(ptr(control));
  header[5] = BigInt(CONTROL_BYTES);
  const size = libc().recvmsg(socket, ptr(header), MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) throw new ShimError("Internal", `cannot receive a terminal: ${lastErrnoName(libc())}`);
  const view = new DataView(control.buffer);
  const isDescriptor =
    view.getUint32(0, true) >= CMSG_HEADER_BYTES + 4 &&
    view.getInt32(8, true) === SOL_SOCKET &&
    view.getInt32(12, true) === SCM_RIGHTS;
  if (!isDescriptor) throw new ShimError("Internal", "cannot receive a terminal: none was sent");
  return view.getInt32(CMSG_HEADER_BYTES, true);
}

/** A terminal's size in characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Sets the size that programs on a terminal see; they get SIGWINCH when it changes.
 *
 * @param master of the terminal
 * @throws ShimError Internal when it has gone.
 */
export function resizeTerminal(master: number, { width, height }: TerminalSize): void {
  const size = new Uint16Array([height, width, 0, 0]);
  if (libc().ioctl(master, TIOCSWINSZ, ptr(size)) === 0) return;
  throw new ShimError("Internal", `cannot resize the terminal: ${lastErrnoName(libc())}`);
}

/**
 * Makes reads and writes of an open file answer EAGAIN instead of waiting. Bun polls a terminal's master only then, and
 * would read it with a thread otherwise. For a file that no child shares.
 */
export function setNonBlocking(fd: number): void {
  const flags = libc().fcntl(fd, F_GETFL, 0);
  if (flags >= 0 && libc().fcntl(fd, F_SETFL, flags | constants.O_NONBLOCK) === 0) return;
  throw new ShimError("Internal", `cannot make fd ${fd} non-blocking: ${lastErrnoName(libc())}`);
}
