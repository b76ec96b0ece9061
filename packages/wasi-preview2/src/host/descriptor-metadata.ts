// SPDX-License-Identifier: Apache-2.0
import { type BigIntStats, fstatSync } from "node:fs";
import { mismatch } from "../abi/values.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { type Datetime, datetime, nanoseconds } from "./clocks.ts";
import { Descriptor, descriptorType, type FileAccess } from "./descriptor.ts";
import { fileResult } from "./file-error.ts";
import { locate } from "./guest-place.ts";
import { method } from "./host-function.ts";
import { ERRNO, WasiErrno } from "@runwasi/wasi/system";

type Flags = ReadonlySet<string>;

/** `wasi:filesystem/types.new-timestamp` */
type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

/** What tells and changes metadata. */
export function metadataFunctions(access: FileAccess): HostInterface["functions"] {
  return {
    "[method]descriptor.get-flags": method(Descriptor, (self) => fileResult(() => descriptorFlags(self))),
    "[method]descriptor.get-type": method(Descriptor, (self) =>
      fileResult(() => descriptorType(self.stat().mode)),
    ),
    "[method]descriptor.stat": method(Descriptor, (self) => fileResult(() => descriptorStat(self.stat()))),
    "[method]descriptor.stat-at": method(Descriptor, (self, flags: Flags, path: string) =>
      fileResult(() => descriptorStat(statAt(access, self, flags, path))),
    ),
    "[method]descriptor.set-times": method(
      Descriptor,
      (self, accessed: NewTimestamp, modified: NewTimestamp) =>
        fileResult(() => {
          if (!self.rights.write && !self.rights.mutateDirectory) throw new WasiErrno(ERRNO.PERM);
          setTimes(access, self.hostFd, accessed, modified);
        }),
    ),
    "[method]descriptor.set-times-at": method(
      Descriptor,
      (self, flags: Flags, path: string, accessed: NewTimestamp, modified: NewTimestamp) =>
        fileResult(() => {
          if (!self.rights.mutateDirectory) throw new WasiErrno(ERRNO.PERM);
          using located = locate(access, self, path, flags.has("symlink-follow"));
          setTimes(access, located.hostFd, accessed, modified);
        }),
    ),
    "[method]descriptor.is-same-object": method(Descriptor, (self, other: unknown) => {
      if (!(other instanceof Descriptor)) throw mismatch("descriptor", other);
      const [left, right] = [self.stat(), other.stat()];
      return left.dev === right.dev && left.ino === right.ino;
    }),
    "[method]descriptor.metadata-hash": method(Descriptor, (self) =>
      fileResult(() => metadataHash(self.stat())),
    ),
    "[method]descriptor.metadata-hash-at": method(Descriptor, (self, flags: Flags, path: string) =>
      fileResult(() => metadataHash(statAt(access, self, flags, path))),
    ),
  };
}

function statAt(access: FileAccess, directory: Descriptor, flags: Flags, path: string): BigIntStats {
  using located = locate(access, directory, path, flags.has("symlink-follow"));
  return fstatSync(located.hostFd, { bigint: true });
}

function descriptorFlags({ rights }: Descriptor): Flags {
  const { read, write, mutateDirectory } = rights;
  return new Set([
    ...(read ? ["read"] : []),
    ...(write ? ["write"] : []),
    ...(mutateDirectory ? ["mutate-directory"] : []),
  ]);
}

function descriptorStat(stat: BigIntStats): Readonly<Record<string, unknown>> {
  return {
    type: descriptorType(stat.mode),
    linkCount: stat.nlink,
    size: stat.size,
    dataAccessTimestamp: datetime(stat.atimeNs),
    dataModificationTimestamp: datetime(stat.mtimeNs),
    statusChangeTimestamp: datetime(stat.ctimeNs),
  };
}

// Of what tells a file from another and its contents from earlier ones, and of nothing that reading changes.
function metadataHash(stat: BigIntStats): { readonly lower: bigint; readonly upper: bigint } {
  const identity = [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(" ");
  return { lower: Bun.hash.wyhash(identity, 1n), upper: Bun.hash.wyhash(identity, 2n) };
}

function setTimes(access: FileAccess, hostFd: number, accessed: NewTimestamp, modified: NewTimestamp): void {
  access.kernel().setTimes(hostFd, { accessed: fileTime(accessed), modified: fileTime(modified) });
}

function fileTime(timestamp: NewTimestamp): bigint | "now" | undefined {
  switch (timestamp.tag) {
    case "no-change":
      return undefined;
    case "now":
      return "now";
    case "timestamp":
      return nanoseconds(timestamp.val);
    default:
      return timestamp satisfies never;
  }
}
