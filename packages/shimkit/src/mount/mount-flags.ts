// SPDX-License-Identifier: Apache-2.0

/** The flags of mount(2) that options or this package set, by their names there without `MS_`. */
export const MS = {
  RDONLY: 1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  SYNCHRONOUS: 0x10,
  REMOUNT: 0x20,
  MANDLOCK: 0x40,
  DIRSYNC: 0x80,
  NOSYMFOLLOW: 0x100,
  NOATIME: 0x400,
  NODIRATIME: 0x800,
  BIND: 0x1000,
  REC: 0x4000,
  SILENT: 0x8000,
  UNBINDABLE: 0x2_0000,
  PRIVATE: 0x4_0000,
  SLAVE: 0x8_0000,
  SHARED: 0x10_0000,
  RELATIME: 0x20_0000,
  I_VERSION: 0x80_0000,
  STRICTATIME: 0x100_0000,
  LAZYTIME: 0x200_0000,
} as const;

/** Flags of one mount rather than of its filesystem: a bind mount takes them only when it is remounted. */
export const PER_MOUNT_FLAGS: number =
  MS.RDONLY |
  MS.NOSUID |
  MS.NODEV |
  MS.NOEXEC |
  MS.NOSYMFOLLOW |
  MS.NOATIME |
  MS.NODIRATIME |
  MS.RELATIME |
  MS.STRICTATIME;

/** The ways to record access times, of which a mount has one. */
export const ATIME_FLAGS: number = MS.NOATIME | MS.RELATIME | MS.STRICTATIME;

// statfs(2) reports the flags of a mount by the same bits, but for these two.
const ST_RELATIME = 1 << 12;
const ST_NOSYMFOLLOW = 1 << 13;
const SAME_BITS = MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.NOATIME | MS.NODIRATIME;

/** The per-mount MS_* flags that the `f_flags` of statfs(2) stand for. */
export function flagsFromStatfs(statfsFlags: number): number {
  return (
    (statfsFlags & SAME_BITS) |
    ((statfsFlags & ST_RELATIME) !== 0 ? MS.RELATIME : 0) |
    ((statfsFlags & ST_NOSYMFOLLOW) !== 0 ? MS.NOSYMFOLLOW : 0)
  );
}
