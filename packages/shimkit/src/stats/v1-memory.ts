// SPDX-License-Identifier: Apache-2.0
import type {
  MemoryEntry,
  MemoryOomControl,
  MemoryStat,
} from "@runwasi/containerd-api/gen/cgroups/cgroup1/stats/metrics.ts";
import { readCount, readCounters } from "./cgroup-file.ts";

/**
 * Reads the memory controller of cgroup v1; undefined when it has no `memory.stat`. Counters that a kernel
 * lacks are 0 (memsw without swap accounting, kmem on newer kernels), never left out: clients read through them.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export function readV1Memory(cgroup: string): MemoryStat | undefined {
  const stat = readCounters(cgroup, "memory.stat");
  if (stat === undefined) return undefined;
  return {
    cache: stat.of("cache"),
    rss: stat.of("rss"),
    rssHuge: stat.of("rss_huge"),
    mappedFile: stat.of("mapped_file"),
    dirty: stat.of("dirty"),
    writeback: stat.of("writeback"),
    pgPgIn: stat.of("pgpgin"),
    pgPgOut: stat.of("pgpgout"),
    pgFault: stat.of("pgfault"),
    pgMajFault: stat.of("pgmajfault"),
    inactiveAnon: stat.of("inactive_anon"),
    activeAnon: stat.of("active_anon"),
    inactiveFile: stat.of("inactive_file"),
    activeFile: stat.of("active_file"),
    unevictable: stat.of("unevictable"),
    hierarchicalMemoryLimit: stat.of("hierarchical_memory_limit"),
    hierarchicalSwapLimit: stat.of("hierarchical_memsw_limit"),
    totalCache: stat.of("total_cache"),
    totalRss: stat.of("total_rss"),
    totalRssHuge: stat.of("total_rss_huge"),
    totalMappedFile: stat.of("total_mapped_file"),
    totalDirty: stat.of("total_dirty"),
    totalWriteback: stat.of("total_writeback"),
    totalPgPgIn: stat.of("total_pgpgin"),
    totalPgPgOut: stat.of("total_pgpgout"),
    totalPgFault: stat.of("total_pgfault"),
    totalPgMajFault: stat.of("total_pgmajfault"),
    totalInactiveAnon: stat.of("total_inactive_anon"),
    totalActiveAnon: stat.of("total_active_anon"),
    totalInactiveFile: stat.of("total_inactive_file"),
    totalActiveFile: stat.of("total_active_file"),
    totalUnevictable: stat.of("total_unevictable"),
    usage: readEntry(cgroup, "memory"),
    swap: readEntry(cgroup, "memory.memsw"),
    kernel: readEntry(cgroup, "memory.kmem"),
    kernelTcp: readEntry(cgroup, "memory.kmem.tcp"),
  };
}

/** Reads `memory.oom_control`; undefined when the controller is not there. */
export function readV1OomControl(cgroup: string): MemoryOomControl | undefined {
  const control = readCounters(cgroup, "memory.oom_control");
  return (
    control && {
      oomKillDisable: control.of("oom_kill_disable"),
      underOom: control.of("under_oom"),
      oomKill: control.of("oom_kill"),
    }
  );
}

function readEntry(cgroup: string, prefix: string): MemoryEntry {
  return {
    limit: readCount(cgroup, `${prefix}.limit_in_bytes`) ?? 0n,
    usage: readCount(cgroup, `${prefix}.usage_in_bytes`) ?? 0n,
    max: readCount(cgroup, `${prefix}.max_usage_in_bytes`) ?? 0n,
    failcnt: readCount(cgroup, `${prefix}.failcnt`) ?? 0n,
  };
}
