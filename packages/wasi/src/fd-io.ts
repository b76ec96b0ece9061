// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { type Descriptor, FDFLAGS, FILETYPE } from "./descriptor.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { fileOffset, POLLIN, POLLOUT, readOnce, writeAll } from "./host-io.ts";
import { gather, readIovecs } from "./iovec.ts";

/** The most that a write of several ranges copies together; a guest that gave more gets a short count. */
const GATHER_LIMIT_BYTES = 1_048_576;

function fdWrite(context: WasiContext, fd: number, iovecs: number, count: number, result: number): Errno {
  const descriptor = context.fds.get(fd);
  const written = write(context, descriptor, iovecs, count, undefined);
  context.memory.setU32(result, written);
  return ERRNO.SUCCESS;
}

function fdPwrite(
  context: WasiContext,
  fd: number,
  iovecs: number,
  count: number,
  offset: bigint,
  result: number,
): Errno {
  const descriptor = seekable(context, fd);
  const written = write(context, descriptor, iovecs, count, fileOffset(offset));
  context.memory.setU32(result, written);
  return ERRNO.SUCCESS;
}

function write(
  context: WasiContext,
  descriptor: Descriptor,
  iovecs: number,
  count: number,
  position: number | undefined,
): number {
  if (descriptor.kind === "directory") throw new WasiErrno(ERRNO.BADF);
  if (descriptor.kind === "stdio" && descriptor.access !== "write") throw new WasiErrno(ERRNO.BADF);
  const ranges = readIovecs(context.memory, iovecs, count);
  const bytes = gather(context.memory, ranges, GATHER_LIMIT_BYTES);
  const wait = waits(context, descriptor, POLLOUT);
  const { hostFd } = descriptor;
  return writeAll(context, hostFd, bytes, position === undefined ? { wait } : { wait, position });
}

function fdRead(context: WasiContext, fd: number, iovecs: number, count: number, result: number): Errno {
  const descriptor = context.fds.get(fd);
  const received = read(context, descriptor, iovecs, count, undefined);
  context.memory.setU32(result, received);
  return ERRNO.SUCCESS;
}

function fdPread(
  context: WasiContext,
  fd: number,
  iovecs: number,
  count: number,
  offset: bigint,
  result: number,
): Errno {
  const descriptor = seekable(context, fd);
  const received = read(context, descriptor, iovecs, count, fileOffset(offset));
  context.memory.setU32(result, received);
  return ERRNO.SUCCESS;
}

// Fills range after range as long as they come back full. Only a regular file is asked again: the next read of
// anything else could wait for data that nobody has promised.
function read(
  context: WasiContext,
  descriptor: Descriptor,
  iovecs: number,
  count: number,
  position: number | undefined,
): number {
  if (descriptor.kind === "directory") throw new WasiErrno(ERRNO.BADF);
  if (descriptor.kind === "stdio" && descriptor.access !== "read") throw new WasiErrno(ERRNO.BADF);
  const regular = descriptor.kind === "file" && descriptor.filetype === FILETYPE.REGULAR_FILE;
  const wait = waits(context, descriptor, POLLIN);
  let done = 0;
  for (const { start, sizeBytes } of readIovecs(context.memory, iovecs, count)) {
    const target = context.memory.slice(start, sizeBytes);
    const options = position === undefined ? { wait } : { wait, position: position + done };
    const received = readOnce(context, descriptor.hostFd, target, options);
    done += received;
    if (received < sizeBytes || !regular) break;
  }
  return done;
}

// A guest that set NONBLOCK is told AGAIN. Stdio is polled for it, since the flag is never set on the host's side.
function waits(context: WasiContext, descriptor: Descriptor, events: number): boolean {
  if (descriptor.kind === "directory" || (descriptor.flags & FDFLAGS.NONBLOCK) === 0) return true;
  if (descriptor.kind === "stdio") {
    const ready = context.kernel().poll([{ hostFd: descriptor.hostFd, events, revents: 0 }], 0n);
    if (ready === 0) throw new WasiErrno(ERRNO.AGAIN);
  }
  return false;
}

function seekable(context: WasiContext, fd: number): Descriptor {
  const descriptor = context.fds.get(fd);
  if (descriptor.kind === "stdio") throw new WasiErrno(ERRNO.SPIPE);
  if (descriptor.kind === "directory") throw new WasiErrno(ERRNO.BADF);
  return descriptor;
}

const MAX_WHENCE = 2;

/** `fd_seek`; `whence` is 0 from the start, 1 from the position, 2 from the end, as in lseek(2). */
export function fdSeek(
  context: WasiContext,
  fd: number,
  offset: bigint,
  whence: number,
  result: number,
): Errno {
  const { hostFd } = seekable(context, fd);
  if (whence >>> 0 > MAX_WHENCE) return ERRNO.INVAL;
  context.memory.range(result, 8);
  context.memory.setU64(result, context.kernel().seek(hostFd, offset, whence));
  return ERRNO.SUCCESS;
}

const SEEK_CUR = 1;

function fdTell(context: WasiContext, fd: number, result: number): Errno {
  return fdSeek(context, fd, 0n, SEEK_CUR, result);
}

/** Reading, writing and seeking. Stdio cannot seek (`SPIPE`), whatever the host has behind it. */
export const fdIoFunctions: WasiFunctions = {
  fd_write: fdWrite,
  fd_pwrite: fdPwrite,
  fd_read: fdRead,
  fd_pread: fdPread,
  fd_seek: fdSeek,
  fd_tell: fdTell,
};
