// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { filetypeOfDirent } from "./filestat.ts";
import type { KernelDirent } from "./kernel.ts";

const DIRENT_BYTES = 24;

// Cookies are the kernel's own positions, so nothing is kept between calls, a guest may resume anywhere, and 0 is
// the beginning. An entry that does not fit is cut off at the buffer's end, which tells the guest to ask again.
function fdReaddir(
  context: WasiContext,
  fd: number,
  buffer: number,
  bufferSize: number,
  cookie: bigint,
  result: number,
): Errno {
  const { memory } = context;
  const { hostFd } = context.fds.directory(fd);
  const target = memory.slice(buffer, bufferSize);
  memory.range(result, 4);
  let used = 0;
  if (target.length > 0) {
    readEntries(context, hostFd, cookie, (entry) => {
      const record = encodeDirent(entry).subarray(0, target.length - used);
      target.set(record, used);
      used += record.length;
      return used < target.length;
    });
  }
  memory.setU32(result, used);
  return ERRNO.SUCCESS;
}

function readEntries(
  context: WasiContext,
  hostFd: number,
  cookie: bigint,
  visit: (entry: KernelDirent) => boolean,
): void {
  try {
    context.kernel().getdents(hostFd, cookie, visit);
  } catch (error) {
    // Only a preopen that may be searched and not read is open without being readable.
    const unreadable = error instanceof WasiErrno && error.errno === ERRNO.BADF;
    throw unreadable ? new WasiErrno(ERRNO.ACCES) : error;
  }
}

// witx: $dirent (24 bytes), then the name.
function encodeDirent(entry: KernelDirent): Uint8Array {
  const record = new Uint8Array(DIRENT_BYTES + entry.name.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, entry.next, true);
  view.setBigUint64(8, entry.inode, true);
  view.setUint32(16, entry.name.length, true);
  view.setUint8(20, filetypeOfDirent(entry.type));
  record.set(entry.name, DIRENT_BYTES);
  return record;
}

/** Listing a directory. */
export const fdReaddirFunctions: WasiFunctions = { fd_readdir: fdReaddir };
