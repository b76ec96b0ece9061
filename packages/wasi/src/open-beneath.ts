// SPDX-License-Identifier: Apache-2.0
import { ERRNO, errnoFromLinux, WasiErrno } from "./errno.ts";
import type { Kernel } from "./kernel.ts";
import { walkBeneath } from "./walk-beneath.ts";

/** Opens below a directory that the path, its symbolic links included, cannot leave. */
export interface OpenBeneath {
  /**
   * The new descriptor, which is the caller's. `flags` and `mode` are open(2)'s; with O_NOFOLLOW a symbolic link
   * at the end is not followed. Throws `PERM` for a path that leads out, by `..` or an absolute link.
   */
  (dirFd: number, path: Uint8Array, flags: number, mode: number): number;
}

const EPERM = 1;
const EAGAIN = 11;
const EXDEV = 18;
const ENOSYS = 38;

// openat2(2) answers EAGAIN when a directory was moved elsewhere during the look-up and asks for another try.
const MAX_ATTEMPTS = 128;

/**
 * Chooses how to open: openat2 with RESOLVE_BENEATH, for which the kernel guarantees the above against renames
 * at the same time; component by component where a kernel (before 5.6) or a seccomp profile has no openat2.
 */
export function createOpenBeneath(kernel: Kernel): OpenBeneath {
  return hasOpenat2(kernel)
    ? (dirFd, path, flags, mode) => openat2(kernel, dirFd, path, flags, mode)
    : (dirFd, path, flags, mode) => walkBeneath(kernel, dirFd, path, flags, mode);
}

// Asks with a descriptor that cannot exist: where there is an openat2, it answers EBADF.
function hasOpenat2(kernel: Kernel): boolean {
  const result = kernel.tryOpenBeneath(-1, Uint8Array.of(0x2e), 0, 0);
  return result !== -ENOSYS && result !== -EPERM;
}

function openat2(kernel: Kernel, dirFd: number, path: Uint8Array, flags: number, mode: number): number {
  let result = -EAGAIN;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && result === -EAGAIN; attempt += 1) {
    result = kernel.tryOpenBeneath(dirFd, path, flags, mode);
  }
  if (result >= 0) return result;
  throw new WasiErrno(result === -EXDEV ? ERRNO.PERM : errnoFromLinux(-result));
}
