// SPDX-License-Identifier: Apache-2.0
import type { MemoryEvents, MemoryStat } from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import { readCount, readCounters, UNLIMITED } from "./cgroup-file.ts";
import { readPressure } from "./pressure.ts";

/**
 * Reads the memory controller of cgroup v2; undefined when it is not there.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
export function readV2Memory(cgroup: string): MemoryStat | undefined {
  const stat = readCounters(cgroup, "memory.stat");
  if (stat === undefined) return undefined;
  return {
    anon: stat.of("anon"),
    file: stat.of("file"),
    kernelStack: stat.of("kernel_stack"),
    slab: stat.of("slab"),
    sock: stat.of("sock"),
    shmem: stat.of("shmem"),
    fileMapped: stat.of("file_mapped"),
    fileDirty: stat.of("file_dirty"),
    fileWriteback: stat.of("file_writeback"),
    anonThp: stat.of("anon_thp"),
    inactiveAnon: stat.of("inactive_anon"),
    activeAnon: stat.of("active_anon"),
    inactiveFile: stat.of("inactive_file"),
    activeFile: stat.of("active_file"),
    unevictable: stat.of("unevictable"),
    slabReclaimable: stat.of("slab_reclaimable"),
    slabUnreclaimable: stat.of("slab_unreclaimable"),
    pgfault: stat.of("pgfault"),
    pgmajfault: stat.of("pgmajfault"),
    workingsetRefault: stat.of("workingset_refault"),
    workingsetActivate: stat.of("workingset_activate"),
    workingsetNodereclaim: stat.of("workingset_nodereclaim"),
    pgrefill: stat.of("pgrefill"),
    pgscan: stat.of("pgscan"),
    pgsteal: stat.of("pgsteal"),
    pgactivate: stat.of("pgactivate"),
    pgdeactivate: stat.of("pgdeactivate"),
    pglazyfree: stat.of("pglazyfree"),
    pglazyfreed: stat.of("pglazyfreed"),
    thpFaultAlloc: stat.of("thp_fault_alloc"),
    thpCollapseAlloc: stat.of("thp_collapse_alloc"),
    ...readUsage(cgroup),
    psi: readPressure(cgroup, "memory.pressure"),
  };
}

type Usage = Pick<
  MemoryStat,
  "usage" | "usageLimit" | "maxUsage" | "swapUsage" | "swapLimit" | "swapMaxUsage"
>;

function readUsage(cgroup: string): Usage {
  return {
    usage: readCount(cgroup, "memory.current") ?? 0n,
    usageLimit: readCount(cgroup, "memory.max", UNLIMITED) ?? 0n,
    maxUsage: readCount(cgroup, "memory.peak") ?? 0n,
    swapUsage: readCount(cgroup, "memory.swap.current") ?? 0n,
    swapLimit: readCount(cgroup, "memory.swap.max", UNLIMITED) ?? 0n,
    swapMaxUsage: readCount(cgroup, "memory.swap.peak") ?? 0n,
  };
}

/** Reads `memory.events`; undefined when the controller is not there. */
export function readV2MemoryEvents(cgroup: string): MemoryEvents | undefined {
  const events = readCounters(cgroup, "memory.events");
  return (
    events && {
      low: events.of("low"),
      high: events.of("high"),
      max: events.of("max"),
      oom: events.of("oom"),
      oomKill: events.of("oom_kill"),
      oomGroupKill: events.of("oom_group_kill"),
    }
  );
}
