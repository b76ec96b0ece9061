// SPDX-License-Identifier: Apache-2.0
// Without FFI, and apart from what needs it: the `delete` command comes through here for every container, and as a rule
// finds nothing mounted.
import { closeSync, constants, openSync, readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { hasErrno } from "../linux/errno.ts";

/** open(2)'s O_PATH: a handle on the place, which opens nothing of it. */
export const O_PATH = 0o10000000;

/** Whether something is mounted on a directory, without a system call that needs FFI. False when it is not there. */
export function isMountPoint(directory: string): boolean {
  const own = mountIdOf(directory);
  return own !== undefined && own !== mountIdOf(dirname(directory));
}

/** The `mnt_id` of proc(5)'s fdinfo, which differs from the parent's on a mount point, bind mounts included. */
function mountIdOf(directory: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(directory, constants.O_DIRECTORY | constants.O_NOFOLLOW | O_PATH);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    return /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
  } finally {
    closeSync(fd);
  }
}

/**
 * Whether anything can be mounted below a rootfs on which nothing is mounted: a bundle's is an empty directory then. False
 * when it is not there.
 */
export function mayHaveMountsBelow(target: string): boolean {
  try {
    return readdirSync(target).length > 0;
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

/** Whether `unmountRootfs` would find anything to do, so that a caller need not load it to learn that it has not. */
export function mayBeMounted(rootfs: string): boolean {
  return isMountPoint(rootfs) || mayHaveMountsBelow(rootfs);
}
