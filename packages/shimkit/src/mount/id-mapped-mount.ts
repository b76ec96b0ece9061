// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import { MNT_DETACH, unmountSyscall } from "../linux/mount-syscalls.ts";
import {
  attachTreeSyscall,
  cloneTreeSyscall,
  MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_RDONLY,
  setTreeAttributesSyscall,
} from "../linux/mount-tree-syscalls.ts";
import { applyMount, applyPropagation, runStep, type Place } from "./apply-mount.ts";
import { MS } from "./mount-flags.ts";
import type { MountOptions } from "./mount-options.ts";
import { LOWER_DIRS, mapLayers } from "./overlay-data.ts";
import type { UserNamespace } from "./user-namespace.ts";

/**
 * Makes a mount whose files appear with mapped owners (mount_setattr(2), "ID-mapped mounts"), for a container in
 * a user namespace of its own. An overlay cannot be mapped, so its lower layers are; the upper one already has
 * the container's owners.
 *
 * @throws MountError; what an earlier step mounted stays on the mount point.
 */
export function applyIdMappedMount(place: Place, options: MountOptions, userns: UserNamespace): void {
  if (place.mount.type === "overlay") mountOverlay(place, options, userns);
  else mountMapped(place, options, userns);
  applyPropagation(place, options.propagation);
}

function mountMapped(place: Place, options: MountOptions, userns: UserNamespace): void {
  applyMount(place, { ...options, propagation: [] });
  const recursive = (options.flags & MS.REC) !== 0;
  using tree = cloneTop(place, recursive);
  const attributes = { set: MOUNT_ATTR_IDMAP, usernsFd: userns.fd, recursive };
  runStep(place, "mount_setattr", () => setTreeAttributesSyscall(tree.fd, attributes));
  replaceTop(place, 1, tree);
}

/**
 * An overlay takes layers only from mounts that are in the tree. So each mapped layer is first mounted where
 * the overlay is to be, on top of one another, and the overlay on top of all. A shim that dies in the middle
 * leaves nothing anywhere else.
 */
function mountOverlay(place: Place, options: MountOptions, userns: UserNamespace): void {
  using layers = new DisposableStack();
  let count = 0;
  const mapLayer = (layer: string) => {
    const tree = layers.use(openTree(place, () => cloneTreeSyscall(layer, false)));
    const attributes = { set: MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY, usernsFd: userns.fd, recursive: false };
    runStep(place, "mount_setattr", () => setTreeAttributesSyscall(tree.fd, attributes));
    runStep(place, "move_mount", (target) => attachTreeSyscall(tree.fd, target));
    count += 1;
    return `/proc/self/fd/${tree.fd}`;
  };
  const data = options.data.map((option) =>
    option.startsWith(LOWER_DIRS) ? mapLayers(option, mapLayer) : option,
  );
  applyMount(place, { ...options, data, propagation: [] });
  using overlay = cloneTop(place, false);
  replaceTop(place, count + 1, overlay);
}

interface Tree extends Disposable {
  readonly fd: number;
}

function openTree(place: Place, open: (target: string) => number): Tree {
  const fd = runStep(place, "open_tree", open);
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}

function cloneTop(place: Place, recursive: boolean): Tree {
  return openTree(place, (target) => cloneTreeSyscall(target, recursive));
}

function replaceTop(place: Place, count: number, tree: Tree): void {
  for (let index = 0; index < count; index++) {
    runStep(place, "umount2", (target) => unmountSyscall(target, MNT_DETACH));
  }
  runStep(place, "move_mount", (target) => attachTreeSyscall(tree.fd, target));
}
