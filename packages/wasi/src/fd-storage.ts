// SPDX-License-Identifier: Apache-2.0
import { fdatasyncSync, fsyncSync } from "node:fs";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";

// posix_fadvise(2) numbers by preview 1's (witx: $advice): normal, sequential, random, willneed, dontneed, noreuse.
const LINUX_ADVICE: readonly number[] = [0, 2, 1, 3, 4, 5];

function fdAdvise(context: WasiContext, fd: number, offset: bigint, size: bigint, advice: number): Errno {
  const { hostFd } = context.fds.file(fd);
  const linuxAdvice = LINUX_ADVICE[advice];
  if (linuxAdvice === undefined) return ERRNO.INVAL;
  context.kernel().advise(hostFd, offset, size, linuxAdvice);
  return ERRNO.SUCCESS;
}

function fdAllocate(context: WasiContext, fd: number, offset: bigint, size: bigint): Errno {
  const { hostFd, readOnly } = context.fds.file(fd);
  if (readOnly) return ERRNO.PERM;
  context.kernel().allocate(hostFd, offset, size);
  return ERRNO.SUCCESS;
}

function fdSync(context: WasiContext, fd: number): Errno {
  fsyncSync(stored(context, fd));
  return ERRNO.SUCCESS;
}

function fdDatasync(context: WasiContext, fd: number): Errno {
  fdatasyncSync(stored(context, fd));
  return ERRNO.SUCCESS;
}

// Directories too: that is how a database makes a rename durable (fsync(2)).
function stored(context: WasiContext, fd: number): number {
  const descriptor = context.fds.get(fd);
  if (descriptor.kind === "stdio") throw new WasiErrno(ERRNO.BADF);
  return descriptor.hostFd;
}

/** Space on disk: advice, allocation (which wasmtime answers with `NOTSUP`) and flushing. */
export const fdStorageFunctions: WasiFunctions = {
  fd_advise: fdAdvise,
  fd_allocate: fdAllocate,
  fd_sync: fdSync,
  fd_datasync: fdDatasync,
};
