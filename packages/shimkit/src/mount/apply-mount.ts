// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import { errnoName, hasErrno } from "../linux/errno.ts";
import { mountFlagsOf, mountSyscall } from "../linux/mount-syscalls.ts";
import { openLoopDevice, type LoopDevice } from "./loop-device.ts";
import { mountError, type MountError } from "./mount-error.ts";
import { ATIME_FLAGS, flagsFromStatfs, MS, PER_MOUNT_FLAGS } from "./mount-flags.ts";
import type { MountOptions } from "./mount-options.ts";
import { atMountPoint } from "./mount-point.ts";
import { MAX_DATA_BYTES, missingOverlayDirectory, openMountData, type MountData } from "./overlay-data.ts";
import type { RootfsMount } from "./rootfs-mount.ts";

/** A mount and the rootfs that it belongs to. */
export interface Place {
  readonly mount: RootfsMount;
  /** The absolute path of the rootfs. */
  readonly root: string;
}

/** Filesystems that are never written to, whatever the options say. */
const READ_ONLY_TYPES: readonly string[] = ["erofs", "squashfs"];

/**
 * Makes one mount through mount(2): the mount itself, then, for a bind mount, the flags that the first call
 * ignores, then its propagation.
 *
 * @throws MountError with the errno of the step that failed; what an earlier step mounted stays.
 */
export function applyMount(place: Place, options: MountOptions): void {
  const { type } = place.mount;
  const flags = options.flags | impliedFlags(type, options.flags);
  // Remounting a bind mount is the second call alone, unless the filesystem is to get new data.
  const isBindRemount = (flags & MS.REMOUNT) !== 0 && (flags & MS.BIND) !== 0;
  if (!isBindRemount || options.data.length > 0) {
    using data = openData(place, options);
    using loop = options.loop && openLoop(place, flags, options.loop.directIo);
    const source = loop?.path ?? place.mount.source;
    runStep(place, "mount", (target) => mountSyscall({ source, target, type, flags, data: data.text }));
  }
  if ((flags & MS.BIND) !== 0 && (flags & PER_MOUNT_FLAGS) !== 0) {
    runStep(place, "remount", (target) =>
      mountSyscall({ target, flags: remountFlags(flags, options.cleared, target) }),
    );
  }
  applyPropagation(place, options.propagation);
}

/** Changes how mounts below propagate, one change a call as the kernel wants it (mount_namespaces(7)). */
export function applyPropagation(place: Place, propagation: readonly number[]): void {
  for (const flags of propagation) {
    runStep(place, "propagation", (target) => mountSyscall({ target, flags }));
  }
}

/**
 * Runs one system call on the mount point, which is resolved anew: it reaches what was mounted there last.
 * Answers the call's result.
 *
 * @throws MountError with the errno of a negative result.
 */
export function runStep(place: Place, step: string, act: (target: string) => number): number {
  const placed = atMountPoint(place.root, place.mount.target, act);
  if (placed.kind === "unreachable") throw failed(place, "target", placed.errno);
  if (placed.value < 0) throw failed(place, step, errnoName(-placed.value));
  return placed.value;
}

// As for runtime-spec mounts: the type says it too.
function impliedFlags(type: string, flags: number): number {
  if ((flags & MS.BIND) !== 0) return 0;
  if (type === "bind") return MS.BIND;
  return type === "rbind" ? MS.BIND | MS.REC : 0;
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

function openData(place: Place, { data: options }: MountOptions): MountData {
  const data = reporting(place, "options", () => openMountData(place.mount.type, options));
  const sizeBytes = Buffer.byteLength(data.text);
  if (sizeBytes <= MAX_DATA_BYTES) return data;
  data[Symbol.dispose]();
  const { type, source } = place.mount;
  throw new ShimError(
    "InvalidArgument",
    `cannot mount ${type} "${source}" on "${place.root}": its options take ${sizeBytes} bytes (at most ${MAX_DATA_BYTES})`,
  );
}

function openLoop(place: Place, flags: number, directIo: boolean): LoopDevice {
  const readOnly = (flags & MS.RDONLY) !== 0 || READ_ONLY_TYPES.includes(place.mount.type);
  const result = reporting(place, "loop device", () =>
    openLoopDevice(place.mount.source, { readOnly, directIo }),
  );
  if (result.kind === "open") return result.device;
  throw failed(place, `loop device: ${result.step}`, result.errno);
}

// Turns what node:fs throws into an error that names the mount.
function reporting<T>(place: Place, step: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!hasErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EMFILE", "ENXIO", "EROFS")) throw error;
    throw failed(place, step, codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "Unknown";
}

function failed({ mount, root }: Place, step: string, errno: string): MountError {
  const target = mount.target === "" ? root : `${root}" at "${mount.target}`;
  return mountError(mount, target, { errno, step, hint: hintAt(mount, errno) });
}

// mount(2) says too little: which of an overlay's directories is missing, what a device is not found for.
function hintAt(mount: RootfsMount, errno: string): string | undefined {
  if (errno === "ENODEV") return `the kernel has no filesystem "${mount.type}"`;
  if (errno !== "ENOENT" || mount.type !== "overlay") return undefined;
  const missing = missingOverlayDirectory(mount.options);
  return missing === undefined ? undefined : `there is no directory "${missing}"`;
}
