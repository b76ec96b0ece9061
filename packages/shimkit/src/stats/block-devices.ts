// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** Names of block devices, `/dev/vda`, by `major:minor`. */
export type BlockDevices = ReadonlyMap<string, string>;

/** Reads the host's block devices from /proc/partitions (proc_partitions(5)). */
export function readBlockDevices(): BlockDevices {
  return parseBlockDevices(readFileSync("/proc/partitions", "utf8"));
}

/** Parses /proc/partitions: a heading, an empty line, then `major minor blocks name`. */
export function parseBlockDevices(text: string): BlockDevices {
  const devices = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, major, minor, name] = /^\s*(\d+)\s+(\d+)\s+\d+\s+(\S+)$/.exec(line) ?? [];
    if (major !== undefined && minor !== undefined && name !== undefined) {
      const key = `${major}:${minor}`;
      if (!devices.has(key)) devices.set(key, `/dev/${name}`);
    }
  }
  return devices;
}
