// SPDX-License-Identifier: Apache-2.0
import { close, constants, openSync } from "node:fs";
import { errnoName, hasErrno } from "../linux/errno.ts";
import { MNT_DETACH, unmountSyscall, UMOUNT_NOFOLLOW } from "../linux/mount-syscalls.ts";
import { MountError } from "./mount-error.ts";
import { isMountPoint, mayHaveMountsBelow, O_PATH } from "./is-mounted.ts";
import { mountPointsBelow } from "./mount-points-below.ts";

// Not promisify: node:util takes 2 ms to load, in the path of a container's deletion.
function closeInPool(fd: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  close(fd, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  return promise;
}

/**
 * Unmounts everything on and below a rootfs. Idempotent, and fine on a path that is not there or not mounted,
 * which needs no FFI. Goes by path alone, so it also cleans up after a shim that died.
 *
 * Mounts are detached (MNT_DETACH): a process that still lives in the rootfs keeps what it has and cannot make
 * this fail with EBUSY.
 *
 * @throws MountError when the kernel refuses, as it does without CAP_SYS_ADMIN.
 */
export async function unmountRootfs(target: string): Promise<void> {
  const releases: Promise<void>[] = [];
  try {
    while (isMountPoint(target) && detach(target, releases)) {
      // One of a stack of mounts on the same directory is gone: on to the next.
    }
    if (!mayHaveMountsBelow(target)) return;
    for (const mountPoint of mountPointsBelow(target)) detach(mountPoint, releases);
  } finally {
    await Promise.all(releases);
  }
}

/**
 * Takes the topmost mount of a mount point out of the tree; false when there is none.
 *
 * Letting go of an overlay writes back the whole filesystem of its upper layer, which can take seconds. So a
 * descriptor outlives umount2(2) here, and the thread of the pool that closes it is the one that waits.
 */
function detach(mountPoint: string, releases: Promise<void>[]): boolean {
  const fd = openIfThere(mountPoint);
  if (fd === undefined) return false;
  try {
    const result = unmountSyscall(mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW);
    if (result === 0) return true;
    const errno = errnoName(-result);
    if (errno === "EINVAL" || errno === "ENOENT") return false;
    throw new MountError(errno, `cannot unmount "${mountPoint}": ${errno}`);
  } finally {
    releases.push(closeInPool(fd));
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
