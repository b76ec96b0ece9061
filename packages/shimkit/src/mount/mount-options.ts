// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import { ATIME_FLAGS, MS } from "./mount-flags.ts";

/** The options of one mount, sorted by whom they are for. */
export interface MountOptions {
  /** MS_* flags of mount(2), without propagation. */
  readonly flags: number;
  /** MS_* flags that an option takes back (`rw`, `suid`), which a remount must not keep. */
  readonly cleared: number;
  /** Propagation changes in their order; the kernel takes one a call. */
  readonly propagation: readonly number[];
  /** What the filesystem itself reads, in its order. */
  readonly data: readonly string[];
  /** Undefined when the source is mounted as it is, not through a loop device. */
  readonly loop: { readonly directIo: boolean } | undefined;
  /** Undefined when owners appear as they are stored. */
  readonly idMap: IdMap | undefined;
}

/** Owner mappings of an id-mapped mount, `inside:outside:size` each, comma-separated. */
export interface IdMap {
  readonly uids: string;
  readonly gids: string;
}

type Meaning = { readonly set: number } | { readonly clear: number } | { readonly propagate: number };

// The names are those of mount(8), "filesystem-independent mount options", and of fstab(5).
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["async", { clear: MS.SYNCHRONOUS }],
  ["atime", { clear: MS.NOATIME }],
  ["bind", { set: MS.BIND }],
  ["defaults", { set: 0 }],
  ["dev", { clear: MS.NODEV }],
  ["diratime", { clear: MS.NODIRATIME }],
  ["dirsync", { set: MS.DIRSYNC }],
  ["exec", { clear: MS.NOEXEC }],
  ["iversion", { set: MS.I_VERSION }],
  ["lazytime", { set: MS.LAZYTIME }],
  ["loud", { clear: MS.SILENT }],
  ["mand", { set: MS.MANDLOCK }],
  ["noatime", { set: MS.NOATIME }],
  ["nodev", { set: MS.NODEV }],
  ["nodiratime", { set: MS.NODIRATIME }],
  ["noexec", { set: MS.NOEXEC }],
  ["noiversion", { clear: MS.I_VERSION }],
  ["nolazytime", { clear: MS.LAZYTIME }],
  ["nomand", { clear: MS.MANDLOCK }],
  ["norelatime", { clear: MS.RELATIME }],
  ["nostrictatime", { clear: MS.STRICTATIME }],
  ["nosuid", { set: MS.NOSUID }],
  ["nosymfollow", { set: MS.NOSYMFOLLOW }],
  ["private", { propagate: MS.PRIVATE }],
  ["rbind", { set: MS.BIND | MS.REC }],
  ["relatime", { set: MS.RELATIME }],
  ["remount", { set: MS.REMOUNT }],
  ["ro", { set: MS.RDONLY }],
  ["rprivate", { propagate: MS.PRIVATE | MS.REC }],
  ["rshared", { propagate: MS.SHARED | MS.REC }],
  ["rslave", { propagate: MS.SLAVE | MS.REC }],
  ["runbindable", { propagate: MS.UNBINDABLE | MS.REC }],
  ["rw", { clear: MS.RDONLY }],
  ["shared", { propagate: MS.SHARED }],
  ["silent", { set: MS.SILENT }],
  ["slave", { propagate: MS.SLAVE }],
  ["strictatime", { set: MS.STRICTATIME }],
  ["suid", { clear: MS.NOSUID }],
  ["symfollow", { clear: MS.NOSYMFOLLOW }],
  ["sync", { set: MS.SYNCHRONOUS }],
  ["unbindable", { propagate: MS.UNBINDABLE }],
]);

/** Options of this prefix are for containerd's own mount manager and must not come as far as a shim. */
const MANAGER_PREFIX = "X-containerd.";

interface Flags {
  set: number;
  cleared: number;
  readonly propagation: number[];
}

function apply(meaning: Meaning, flags: Flags): void {
  if ("propagate" in meaning) {
    flags.propagation.push(meaning.propagate);
  } else if ("set" in meaning) {
    // Access times are recorded in one way: the last option says which.
    if ((meaning.set & ATIME_FLAGS) !== 0) flags.set &= ~ATIME_FLAGS;
    flags.set |= meaning.set;
    flags.cleared &= ~meaning.set;
  } else {
    flags.set &= ~meaning.clear;
    flags.cleared |= meaning.clear;
  }
}

/**
 * Sorts fstab-style mount options; later ones win, and what is no known option is data of the filesystem.
 *
 * @throws ShimError InvalidArgument for an option with a NUL, one meant for containerd's mount manager, or only
 * one of `uidmap` and `gidmap`.
 */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const flags: Flags = { set: 0, cleared: 0, propagation: [] };
  const data: string[] = [];
  let loop = false;
  let uids: string | undefined;
  let gids: string | undefined;
  for (const option of options) {
    const meaning = MEANINGS.get(option);
    if (meaning !== undefined) apply(meaning, flags);
    else if (option === "loop") loop = true;
    else if (option.startsWith("uidmap=")) uids = option.slice("uidmap=".length);
    else if (option.startsWith("gidmap=")) gids = option.slice("gidmap=".length);
    else data.push(passedOn(option));
  }
  const directIo = loop && data.includes("direct-io");
  return {
    flags: flags.set,
    cleared: flags.cleared,
    propagation: flags.propagation,
    data: directIo ? data.filter((option) => option !== "direct-io") : data,
    loop: loop ? { directIo } : undefined,
    idMap: idMapOf(uids, gids),
  };
}

function passedOn(option: string): string {
  if (option.includes("\0")) {
    throw new ShimError(
      "InvalidArgument",
      `cannot use mount option ${JSON.stringify(option)}: it holds a NUL`,
    );
  }
  if (option.startsWith(MANAGER_PREFIX)) {
    throw new ShimError(
      "InvalidArgument",
      `cannot use mount option "${option}": it is one of containerd's mount manager, which has to replace it`,
    );
  }
  return option;
}

function idMapOf(uids: string | undefined, gids: string | undefined): IdMap | undefined {
  if (uids === undefined && gids === undefined) return undefined;
  if (uids === undefined || gids === undefined) {
    throw new ShimError(
      "InvalidArgument",
      `cannot map the owners of a mount: only "${uids === undefined ? "gidmap" : "uidmap"}" is given (both are needed)`,
    );
  }
  return { uids, gids };
}
