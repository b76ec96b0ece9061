// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync } from "node:fs";

/**
 * The lines of /proc/cpuinfo that say what a CPU can execute and what a compiler tunes for, of x86 and of Arm. The other lines
 * change with every reading or are another processor's.
 */
const TELLING: ReadonlySet<string> = new Set([
  "vendor_id",
  "cpu family",
  "model",
  "stepping",
  "flags",
  "CPU implementer",
  "CPU architecture",
  "CPU variant",
  "CPU part",
  "CPU revision",
  "Features",
]);

/** One processor's paragraph is some 2 KiB. The rest is not read: the kernel makes it up, milliseconds for many processors. */
const MAX_BYTES = 16 * 1024;

/** What the first CPU of this host can do, as text: two hosts with the same run each other's code. */
export function cpuFeatures(path = "/proc/cpuinfo"): string {
  const fd = openSync(path, "r");
  try {
    const bytes = new Uint8Array(MAX_BYTES);
    return tellingLines(new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes))));
  } finally {
    closeSync(fd);
  }
}

/** The lines of the first paragraph that tell, without the space around names and values. */
export function tellingLines(cpuinfo: string): string {
  const [first = ""] = cpuinfo.split("\n\n");
  return first
    .split("\n")
    .map((line) => line.split(":").map((part) => part.trim()))
    .flatMap(([name = "", value = ""]) => (TELLING.has(name) ? [`${name}: ${value}`] : []))
    .join("\n");
}
