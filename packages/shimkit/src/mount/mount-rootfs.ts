// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from "node:fs";
import { ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import { applyMount } from "./apply-mount.ts";
import { parseMountOptions } from "./mount-options.ts";
import type { RootfsMount } from "./rootfs-mount.ts";
import { unmountRootfs } from "./unmount-rootfs.ts";

/** Mode of a rootfs directory that has to be made: its content is not for listing by others. */
const ROOTFS_MODE = 0o711;

/**
 * Mounts a container's rootfs on `target`, an absolute path that is made when it is missing, in the order given.
 *
 * Disposing of the result unmounts all of it again; whoever holds it is the owner. No mounts mean that the
 * rootfs is there already: nothing is touched, then or on disposal. A mount that fails undoes the earlier ones.
 *
 * @throws MountError with the errno, ShimError InvalidArgument for options that cannot be used.
 */
export async function mountRootfs(mounts: readonly RootfsMount[], target: string): Promise<AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  if (mounts.length > 0) {
    makeDirectory(target);
    undo.defer(() => unmountRootfs(target));
  }
  for (const mount of mounts) await mountOne(mount, target);
  return undo.move();
}

async function mountOne(mount: RootfsMount, root: string): Promise<void> {
  assertNoNul(mount);
  const options = parseMountOptions(mount.options);
  applyMount(mount, options, root);
}

function assertNoNul(mount: RootfsMount): void {
  if (![mount.type, mount.source, mount.target].some((text) => text.includes("\0"))) return;
  throw new ShimError(
    "InvalidArgument",
    `cannot mount ${JSON.stringify(mount.source)}: a string holds a NUL`,
  );
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: ROOTFS_MODE });
  } catch (error) {
    if (!hasErrno(error, "EEXIST")) throw error;
  }
}
