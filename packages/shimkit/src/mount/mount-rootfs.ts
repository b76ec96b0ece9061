// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from "node:fs";
import type { Spawn } from "@runwasi/oci-runtime";
import { ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import { applyMount, type Place } from "./apply-mount.ts";
import { isFuseType, mountFuse } from "./fuse-mount.ts";
import { applyIdMappedMount } from "./id-mapped-mount.ts";
import { parseMountOptions } from "./mount-options.ts";
import type { RootfsMount } from "./rootfs-mount.ts";
import { unmountRootfs } from "./unmount-rootfs.ts";
import { openUserNamespace } from "./user-namespace.ts";

/** Mode of a rootfs directory that has to be made: passed through by all, listed by its owner. */
const ROOTFS_MODE = 0o711;

/** What mounting needs of the shim that does it. */
export interface MountHost {
  /** For the mounts that need a helper process; a daemon passes its reaper's, which must know its children. */
  readonly spawn: Spawn;
}

/**
 * Mounts a container's rootfs on `target`, an absolute path that is made when it is missing, in the order given.
 *
 * Disposing of the result unmounts all of it again; whoever holds it is the owner. No mounts mean that the
 * rootfs is there already: nothing is touched, then or on disposal. A mount that fails undoes the earlier ones.
 * Blocks only for system calls, but for id-mapped and FUSE mounts, which wait for a helper.
 *
 * @throws MountError with the errno, ShimError InvalidArgument for options that cannot be used.
 */
export async function mountRootfs(
  mounts: readonly RootfsMount[],
  target: string,
  host: MountHost = { spawn: (argv, options) => Bun.spawn(argv, options) },
): Promise<AsyncDisposable> {
  await using undo = new AsyncDisposableStack();
  if (mounts.length > 0) {
    makeDirectory(target);
    undo.defer(() => unmountRootfs(target));
  }
  for (const mount of mounts) await mountOne({ mount, root: target }, host);
  return undo.move();
}

async function mountOne(place: Place, { spawn }: MountHost): Promise<void> {
  assertNoNul(place.mount);
  if (isFuseType(place.mount.type)) return mountFuse(place, spawn);
  const options = parseMountOptions(place.mount.options);
  if (options.idMap === undefined) return applyMount(place, options);
  using userns = await openUserNamespace(options.idMap, spawn);
  applyIdMappedMount(place, options, userns);
}

function assertNoNul({ type, source, target }: RootfsMount): void {
  if (![type, source, target].some((text) => text.includes("\0"))) return;
  throw new ShimError("InvalidArgument", `cannot mount ${JSON.stringify(source)}: its fields hold a NUL`);
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: ROOTFS_MODE });
  } catch (error) {
    if (!hasErrno(error, "EEXIST")) throw error;
  }
}
