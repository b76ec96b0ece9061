// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants } from "node:fs";
import type { WasiContext, WasiFunctions } from "./context.ts";
import type { DirectoryDescriptor } from "./descriptor.ts";
import { ERRNO, type Errno } from "./errno.ts";
import { parseFileTimes } from "./file-times.ts";
import { FILESTAT, type FilestatLayout, filetypeOf, hostStat, storeFilestat } from "./filestat.ts";
import { readPath } from "./guest-path.ts";
import { O_PATH } from "./linux-kernel.ts";
import { SYMLINK_FOLLOW } from "./path-open.ts";

/** Whatever a path names, a symbolic link included, open for its metadata only; closed when disposed. */
interface Located extends Disposable {
  readonly hostFd: number;
}

function locate(
  context: WasiContext,
  directory: DirectoryDescriptor,
  lookupFlags: number,
  path: Uint8Array,
): Located {
  const noFollow = (lookupFlags & SYMLINK_FOLLOW) === 0 ? constants.O_NOFOLLOW : 0;
  const hostFd = context.openBeneath()(directory.hostFd, path, O_PATH | noFollow, 0);
  return { hostFd, [Symbol.dispose]: () => closeSync(hostFd) };
}

/** `path_filestat_get` for either layout. */
export function pathFilestatGet(layout: FilestatLayout): WasiFunctions[string] {
  return (
    context: WasiContext,
    fd: number,
    lookupFlags: number,
    path: number,
    size: number,
    result: number,
  ): Errno => {
    const directory = context.fds.directory(fd);
    using located = locate(context, directory, lookupFlags, readPath(context.memory, path, size));
    const stat = hostStat(located.hostFd);
    storeFilestat(context.memory, result, { stat, filetype: filetypeOf(stat), layout });
    return ERRNO.SUCCESS;
  };
}

function pathFilestatSetTimes(
  context: WasiContext,
  fd: number,
  lookupFlags: number,
  path: number,
  size: number,
  accessed: bigint,
  modified: bigint,
  flags: number,
): Errno {
  const directory = context.fds.directory(fd);
  const times = parseFileTimes(accessed, modified, flags);
  const bytes = readPath(context.memory, path, size);
  if (directory.readOnly) return ERRNO.PERM;
  using located = locate(context, directory, lookupFlags, bytes);
  context.kernel().setTimes(located.hostFd, times);
  return ERRNO.SUCCESS;
}

/** Metadata by path. */
export const pathStatFunctions: WasiFunctions = {
  path_filestat_get: pathFilestatGet(FILESTAT),
  path_filestat_set_times: pathFilestatSetTimes,
};
