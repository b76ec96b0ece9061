// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";

/**
 * What tells a file of the node's own folders from every other, and changes with its content: a write sets ctime, which
 * nobody can set back. Not for files of an image or a volume.
 */
export function nodeFileIdentity(path: string): string {
  const stats = statSync(path, { bigint: true });
  return JSON.stringify(["node", path, String(stats.dev), ...contentIdentity(stats)]);
}

/**
 * The same for a file of an image, where its rootfs is an overlay of containerd's snapshots; undefined anywhere else.
 *
 * Device numbers of overlays are given out again, so the lower directories stand for the device: containerd never uses a
 * snapshot's folder for another. Within them the overlay shows the inode, and the ctime, of the file that lies there; a
 * container that has changed the file before has another ctime, which it cannot choose. On a volume it can: the file
 * system may be an image that somebody has written, and the device another one's a moment later.
 */
export function imageFileIdentity(path: string): string | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const mountId = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    const mount = mountId === undefined ? undefined : overlayOf(mountId);
    if (mount === undefined) return undefined;
    const name = readlinkSync(`/proc/self/fd/${fd}`).slice(mount.mountPoint.length);
    return JSON.stringify(["image", mount.lower, name, ...contentIdentity(fstatSync(fd, { bigint: true }))]);
  } finally {
    closeSync(fd);
  }
}

function contentIdentity({ ino, size, mtimeNs, ctimeNs }: BigIntStats): readonly string[] {
  return [ino, size, mtimeNs, ctimeNs].map(String);
}

interface Overlay {
  readonly mountPoint: string;
  /** Its options that name lower directories, as text. */
  readonly lower: readonly string[];
}

/** proc_pid_mountinfo(5): `id parent major:minor root mountpoint options... - type source superoptions`. */
function overlayOf(mountId: string): Overlay | undefined {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith(`${mountId} `));
  const [mount = "", superBlock = ""] = line?.split(" - ") ?? [];
  const [type, , options = ""] = superBlock.split(" ");
  if (type !== "overlay") return undefined;
  const lower = options.split(",").filter((option) => /^(?:lowerdir|datadir)\+?=/.test(option));
  return lower.length === 0 ? undefined : { mountPoint: mount.split(" ")[4] ?? "", lower };
}
