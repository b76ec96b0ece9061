// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { type Descriptor, type DirectoryDescriptor, FDFLAGS, FILETYPE } from "./descriptor.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { filetypeOf, hostStat } from "./filestat.ts";
import { readPath } from "./guest-path.ts";
import { RIGHTS } from "./rights.ts";

/** Whether a link at the end of a path is followed (witx: `$lookupflags`). */
export const SYMLINK_FOLLOW = 1;

// witx: $oflags
const CREAT = 1;
const DIRECTORY = 2;
const EXCL = 4;
const TRUNC = 8;
const KNOWN_OFLAGS = 15;
const KNOWN_FDFLAGS = 31;
const NEW_FILE_MODE = 0o666;

function pathOpen(
  context: WasiContext,
  fd: number,
  lookupFlags: number,
  pathPointer: number,
  pathSize: number,
  oflags: number,
  rightsBase: bigint,
  _rightsInheriting: bigint,
  fdflags: number,
  result: number,
): Errno {
  const directory = context.fds.directory(fd);
  const path = readPath(context.memory, pathPointer, pathSize);
  context.memory.range(result, 4);
  if ((oflags & ~KNOWN_OFLAGS) !== 0 || (fdflags & ~KNOWN_FDFLAGS) !== 0) return ERRNO.INVAL;
  if ((oflags & DIRECTORY) !== 0 && (oflags & ~DIRECTORY) !== 0) return ERRNO.INVAL;
  const access = accessOf(rightsBase);
  if (directory.readOnly && (access.writable || (oflags & (CREAT | TRUNC)) !== 0)) return ERRNO.PERM;
  const follow = (lookupFlags & SYMLINK_FOLLOW) === 0 ? constants.O_NOFOLLOW : 0;
  const flags = access.flag | follow | linuxOpenFlags(oflags) | linuxStatusFlags(fdflags);
  const mode = (oflags & CREAT) === 0 ? 0 : NEW_FILE_MODE;
  const hostFd = context.openBeneath()(directory.hostFd, path, flags, mode);
  const descriptor = adopt(context, { hostFd, parent: directory, access, fdflags });
  context.memory.setU32(result, context.fds.add(descriptor));
  return ERRNO.SUCCESS;
}

interface Access {
  readonly flag: number;
  readonly readable: boolean;
  readonly writable: boolean;
}

// Neither right asked for is reading, as in wasmtime: Linux has no access mode for nothing.
function accessOf(rights: bigint): Access {
  const writable = (rights & RIGHTS.FD_WRITE) !== 0n;
  const readable = (rights & RIGHTS.FD_READ) !== 0n || !writable;
  if (!writable) return { flag: constants.O_RDONLY, readable, writable };
  return { flag: readable ? constants.O_RDWR : constants.O_WRONLY, readable, writable };
}

function linuxOpenFlags(oflags: number): number {
  let flags = constants.O_NOCTTY;
  if ((oflags & CREAT) !== 0) flags |= constants.O_CREAT;
  if ((oflags & DIRECTORY) !== 0) flags |= constants.O_DIRECTORY;
  if ((oflags & EXCL) !== 0) flags |= constants.O_EXCL;
  if ((oflags & TRUNC) !== 0) flags |= constants.O_TRUNC;
  return flags;
}

function linuxStatusFlags(fdflags: number): number {
  let flags = 0;
  if ((fdflags & FDFLAGS.APPEND) !== 0) flags |= constants.O_APPEND;
  if ((fdflags & FDFLAGS.NONBLOCK) !== 0) flags |= constants.O_NONBLOCK;
  if ((fdflags & FDFLAGS.DSYNC) !== 0) flags |= constants.O_DSYNC;
  if ((fdflags & (FDFLAGS.SYNC | FDFLAGS.RSYNC)) !== 0) flags |= constants.O_SYNC;
  return flags;
}

interface Opened {
  readonly hostFd: number;
  readonly parent: DirectoryDescriptor;
  readonly access: Access;
  readonly fdflags: number;
}

// Owns the host's descriptor until it returns.
function adopt(context: WasiContext, opened: Opened): Descriptor {
  using undo = new DisposableStack();
  undo.adopt(opened.hostFd, closeSync);
  const descriptor = describe(opened);
  // Through /proc/self/mem a guest could write to the engine's own memory, and be no guest any more.
  if (opened.access.writable && context.kernel().isProcfs(opened.hostFd)) throw new WasiErrno(ERRNO.PERM);
  undo.move();
  return descriptor;
}

function describe({ hostFd, parent, access, fdflags }: Opened): Descriptor {
  const filetype = filetypeOf(hostStat(hostFd));
  const { readOnly } = parent;
  if (filetype === FILETYPE.DIRECTORY) {
    return { kind: "directory", hostFd, readOnly, preopenName: undefined };
  }
  const { readable, writable } = access;
  return { kind: "file", hostFd, filetype, readable, writable, readOnly, flags: fdflags };
}

/** Opening by path. */
export const pathOpenFunctions: WasiFunctions = { path_open: pathOpen };
