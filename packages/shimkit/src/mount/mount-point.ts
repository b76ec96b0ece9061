// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from "node:fs";
import { errnoName } from "../linux/errno.ts";
import { openAtSyscall, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../linux/mount-syscalls.ts";
import { O_PATH } from "./is-mounted.ts";

const O_CLOEXEC = 0o2000000;

/** What became of an attempt to act on a mount point. */
export type Placed<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "unreachable"; readonly errno: string };

/**
 * Calls `act` with a path that leads to `subPath` inside `root`, whatever symbolic links the rootfs holds:
 * they are followed as if `root` were `/`. The path is good only until `act` returns.
 *
 * Every call resolves anew, so it reaches what was mounted there last.
 */
export function atMountPoint<T>(root: string, subPath: string, act: (path: string) => T): Placed<T> {
  if (isRootItself(subPath)) return { kind: "done", value: act(root) };
  const directory = openSync(root, constants.O_DIRECTORY | O_PATH);
  try {
    const fd = openAtSyscall({
      directory,
      path: subPath,
      flags: O_PATH | O_CLOEXEC,
      resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    });
    if (fd < 0) return { kind: "unreachable", errno: errnoName(-fd) };
    try {
      return { kind: "done", value: act(`/proc/self/fd/${fd}`) };
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(directory);
  }
}

/** Whether a mount's target means the rootfs. */
export function isRootItself(subPath: string): boolean {
  return subPath.split("/").every((segment) => segment === "" || segment === ".");
}
