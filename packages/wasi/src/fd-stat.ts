// SPDX-License-Identifier: Apache-2.0
import { constants, ftruncateSync } from "node:fs";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { type Descriptor, FDFLAGS, FILETYPE, type FileDescriptor, type Filetype } from "./descriptor.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { parseFileTimes } from "./file-times.ts";
import {
  FILESTAT,
  type FilestatLayout,
  filetypeOf,
  hostStat,
  stdioFiletype,
  storeFilestat,
} from "./filestat.ts";
import { fileOffset } from "./host-io.ts";
import { rightsOf } from "./rights.ts";

const FDSTAT_BYTES = 24;

function fdFdstatGet(context: WasiContext, fd: number, result: number): Errno {
  const descriptor = context.fds.get(fd);
  const rights = rightsOf(descriptor);
  const record = new DataView(new ArrayBuffer(FDSTAT_BYTES));
  record.setUint8(0, filetypeOfDescriptor(context, descriptor));
  record.setUint16(2, descriptor.kind === "directory" ? 0 : descriptor.flags, true);
  record.setBigUint64(8, rights.base, true);
  record.setBigUint64(16, rights.inheriting, true);
  context.memory.set(result, new Uint8Array(record.buffer));
  return ERRNO.SUCCESS;
}

function filetypeOfDescriptor(context: WasiContext, descriptor: Descriptor): Filetype {
  switch (descriptor.kind) {
    case "stdio":
      return stdioFiletype(context, descriptor.hostFd);
    case "file":
      return descriptor.filetype;
    case "directory":
      return FILETYPE.DIRECTORY;
    default:
      return descriptor satisfies never;
  }
}

// Synchronous writing can only be chosen when a file is opened, as on Linux (fcntl(2), F_SETFL).
const SETTABLE_FLAGS = FDFLAGS.APPEND | FDFLAGS.NONBLOCK;

function fdFdstatSetFlags(context: WasiContext, fd: number, flags: number): Errno {
  const descriptor = context.fds.get(fd);
  if (descriptor.kind === "directory") return ERRNO.BADF;
  if ((flags & ~SETTABLE_FLAGS) !== 0) return ERRNO.INVAL;
  if (descriptor.kind === "file") {
    const append = (flags & FDFLAGS.APPEND) === 0 ? 0 : constants.O_APPEND;
    const nonBlock = (flags & FDFLAGS.NONBLOCK) === 0 ? 0 : constants.O_NONBLOCK;
    context.kernel().setStatusFlags(descriptor.hostFd, append | nonBlock);
  }
  descriptor.flags = flags | (descriptor.flags & ~SETTABLE_FLAGS);
  return ERRNO.SUCCESS;
}

function fdFdstatSetRights(context: WasiContext, fd: number, _base: bigint, _inheriting: bigint): Errno {
  context.fds.get(fd);
  return ERRNO.NOTSUP;
}

/** `fd_filestat_get` for either layout. */
export function fdFilestatGet(layout: FilestatLayout): WasiFunctions[string] {
  return (context: WasiContext, fd: number, result: number): Errno => {
    const { kind, hostFd } = context.fds.get(fd);
    const stat = hostStat(hostFd);
    const filetype = kind === "stdio" ? stdioFiletype(context, hostFd) : filetypeOf(stat);
    storeFilestat(context.memory, result, { stat, filetype, layout });
    return ERRNO.SUCCESS;
  };
}

function fdFilestatSetSize(context: WasiContext, fd: number, size: bigint): Errno {
  const { hostFd } = changeable(context.fds.file(fd));
  ftruncateSync(hostFd, fileOffset(size));
  return ERRNO.SUCCESS;
}

function fdFilestatSetTimes(
  context: WasiContext,
  fd: number,
  accessed: bigint,
  modified: bigint,
  flags: number,
): Errno {
  const descriptor = context.fds.get(fd);
  const times = parseFileTimes(accessed, modified, flags);
  if (descriptor.kind === "stdio") return ERRNO.BADF;
  if (descriptor.readOnly) return ERRNO.PERM;
  context.kernel().setTimes(descriptor.hostFd, times);
  return ERRNO.SUCCESS;
}

function changeable(descriptor: FileDescriptor): FileDescriptor {
  if (descriptor.readOnly) throw new WasiErrno(ERRNO.PERM);
  return descriptor;
}

/** What a descriptor is, and its metadata. Rights cannot be dropped (`NOTSUP`, as in wasmtime). */
export const fdStatFunctions: WasiFunctions = {
  fd_fdstat_get: fdFdstatGet,
  fd_fdstat_set_flags: fdFdstatSetFlags,
  fd_fdstat_set_rights: fdFdstatSetRights,
  fd_filestat_get: fdFilestatGet(FILESTAT),
  fd_filestat_set_size: fdFilestatSetSize,
  fd_filestat_set_times: fdFilestatSetTimes,
};
