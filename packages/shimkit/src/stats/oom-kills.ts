// SPDX-License-Identifier: Apache-2.0
import { readCounters } from "./cgroup-file.ts";
import type { ContainerCgroup } from "./find-cgroup.ts";

/**
 * How many processes of a container the kernel has ended for want of memory; 0 where it does not count them.
 *
 * Counted before the process gets its SIGKILL, so an exit finds its own kill counted (mm/oom_kill.c).
 */
export function countOomKills(cgroup: ContainerCgroup): bigint {
  if (cgroup.kind === "v2") return readCounters(cgroup.path, "memory.events")?.of("oom_kill") ?? 0n;
  const memory = cgroup.paths.get("memory");
  return memory === undefined ? 0n : (readCounters(memory, "memory.oom_control")?.of("oom_kill") ?? 0n);
}
