// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import { errnoName, hasErrno } from "../linux/errno.ts";
import { mountFlagsOf, mountSyscall, type MountCall } from "../linux/mount-syscalls.ts";
import { mountError } from "./mount-error.ts";
import { ATIME_FLAGS, flagsFromStatfs, MS, PER_MOUNT_FLAGS } from "./mount-flags.ts";
import type { MountOptions } from "./mount-options.ts";
import { atMountPoint } from "./mount-point.ts";
import { MAX_DATA_BYTES, missingOverlayDirectory, openMountData, type MountData } from "./overlay-data.ts";
import type { RootfsMount } from "./rootfs-mount.ts";

/**
 * Makes one mount through mount(2): the mount itself, then its propagation, then, for a bind mount, the flags
 * that the first call ignores.
 *
 * @throws MountError with the errno of the step that failed; what an earlier step mounted stays.
 */
export function applyMount(mount: RootfsMount, options: MountOptions, root: string): void {
  const flags = options.flags | impliedFlags(mount, options.flags);
  if ((flags & MS.REMOUNT) === 0 || options.data.length > 0) {
    using data = openData(mount, options, root);
    call(mount, root, (target) => ({
      source: mount.source,
      target,
      type: mount.type,
      flags,
      data: data.text,
    }));
  }
  for (const propagation of options.propagation) {
    call(mount, root, (target) => ({ target, flags: propagation }), "propagation");
  }
  if ((flags & MS.BIND) !== 0 && (flags & PER_MOUNT_FLAGS) !== 0) {
    call(
      mount,
      root,
      (target) => ({ target, flags: remountFlags(flags, options.cleared, target) }),
      "remount",
    );
  }
}

// As for runtime-spec mounts: the type says it too.
function impliedFlags(mount: RootfsMount, flags: number): number {
  if ((flags & MS.BIND) !== 0) return 0;
  if (mount.type === "bind") return MS.BIND;
  return mount.type === "rbind" ? MS.BIND | MS.REC : 0;
}

/**
 * The flags for remounting a bind mount, which would lose what it is not told to keep: nosuid and the like come
 * from the mount of its source and, in a user namespace, must stay or the call fails with EPERM.
 */
function remountFlags(flags: number, cleared: number, target: string): number {
  const current = mountFlagsOf(target);
  const kept = current < 0 ? 0 : flagsFromStatfs(current) & ~cleared;
  return flags | MS.REMOUNT | ((flags & ATIME_FLAGS) === 0 ? kept : kept & ~ATIME_FLAGS);
}

function openData(mount: RootfsMount, options: MountOptions, root: string): MountData {
  let data: MountData;
  try {
    data = openMountData(mount.type, options.data);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENOTDIR")) throw failed(mount, root, "ENOENT");
    throw error;
  }
  if (Buffer.byteLength(data.text) <= MAX_DATA_BYTES) return data;
  data[Symbol.dispose]();
  throw new ShimError(
    "InvalidArgument",
    `cannot mount ${mount.type} "${mount.source}" on "${root}": its options take ${Buffer.byteLength(data.text)} bytes (at most ${MAX_DATA_BYTES})`,
  );
}

function call(mount: RootfsMount, root: string, build: (target: string) => MountCall, step?: string): void {
  const placed = atMountPoint(root, mount.target, (target) => mountSyscall(build(target)));
  if (placed.kind === "unreachable") throw failed(mount, root, placed.errno, "target");
  if (placed.value < 0) throw failed(mount, root, errnoName(-placed.value), step);
}

function failed(mount: RootfsMount, root: string, errno: string, step?: string): Error {
  const target = mount.target === "" ? root : `${root}" in it "${mount.target}`;
  return mountError(mount, target, {
    errno,
    ...(step !== undefined && { step }),
    hint: hintAt(mount, errno),
  });
}

// mount(2) says too little: which of an overlay's directories is missing, what a device is not found for.
function hintAt(mount: RootfsMount, errno: string): string | undefined {
  if (errno === "ENODEV") return `the kernel has no filesystem "${mount.type}"`;
  if (errno !== "ENOENT" || mount.type !== "overlay") return undefined;
  const missing = missingOverlayDirectory(mount.options);
  return missing === undefined ? undefined : `no directory "${missing}"`;
}
