// SPDX-License-Identifier: Apache-2.0
import type { PSIData, PSIStats } from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import { parseCount, readCgroupFile } from "./cgroup-file.ts";

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/gm;

/**
 * Reads a pressure file; undefined when the kernel does not account pressure stall information.
 *
 * @see https://docs.kernel.org/accounting/psi.html
 */
export function readPressure(cgroup: string, name: string): PSIStats | undefined {
  const text = readCgroupFile(cgroup, name);
  if (text === undefined) return undefined;
  const lines = new Map<string | undefined, PSIData>();
  for (const [, kind, avg10, avg60, avg300, total] of text.matchAll(LINE)) {
    lines.set(kind, {
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
      total: parseCount(total) ?? 0n,
    });
  }
  return { some: lines.get("some"), full: lines.get("full") };
}
