// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";

function fdClose(context: WasiContext, fd: number): Errno {
  context.fds.close(fd);
  return ERRNO.SUCCESS;
}

function fdRenumber(context: WasiContext, from: number, to: number): Errno {
  context.fds.renumber(from, to);
  return ERRNO.SUCCESS;
}

// witx: $prestat; 8 bytes, tag 0 is a directory.
function fdPrestatGet(context: WasiContext, fd: number, result: number): Errno {
  const name = preopenName(context, fd, ERRNO.BADF);
  context.memory.range(result, 8);
  context.memory.setU32(result, 0);
  context.memory.setU32(result + 4, name.length);
  return ERRNO.SUCCESS;
}

function fdPrestatDirName(context: WasiContext, fd: number, pointer: number, size: number): Errno {
  const name = preopenName(context, fd, ERRNO.NOTDIR);
  if (name.length > size >>> 0) return ERRNO.NAMETOOLONG;
  context.memory.set(pointer, name);
  return ERRNO.SUCCESS;
}

// C libraries walk from 3 upwards until the first BADF to find the preopens.
function preopenName(context: WasiContext, fd: number, otherwise: Errno): Uint8Array {
  const descriptor = context.fds.get(fd);
  if (descriptor.kind !== "directory" || descriptor.preopenName === undefined) {
    throw new WasiErrno(otherwise);
  }
  return descriptor.preopenName;
}

/** Descriptor numbers: closing, renumbering and finding the preopened ones. */
export const fdHandleFunctions: WasiFunctions = {
  fd_close: fdClose,
  fd_renumber: fdRenumber,
  fd_prestat_get: fdPrestatGet,
  fd_prestat_dir_name: fdPrestatDirName,
};
