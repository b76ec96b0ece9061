// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import type { Containerd } from "@runwasi/e2e";

/** The shims and containers of one containerd, by pid. Other processes come and go. */
export interface OwnProcesses {
  readonly all: readonly number[];
  readonly daemons: readonly number[];
}

/** A shim has containerd's socket among its arguments, a container a cgroup that says whose it is. */
export function ownProcesses({ folder, cgroup }: Containerd): OwnProcesses {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  const daemons = pids.filter((pid) => {
    const commandLine = read(`/proc/${pid}/cmdline`);
    return commandLine.includes("containerd-shim") && commandLine.includes(folder);
  });
  const inits = pids.filter((pid) => read(`/proc/${pid}/cgroup`).includes(`/${cgroup}/`));
  return { all: [...new Set([...daemons, ...inits])], daemons };
}

/** Sum of one field of smaps_rollup, in MiB. */
export function sumOfMemory(processes: readonly number[], field: "Pss" | "Private_Dirty"): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, "m");
  const kib = processes.map((pid) => Number(line.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return kib.reduce((total, own) => total + own, 0) / 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is a kernel thread
  }
}
