// SPDX-License-Identifier: Apache-2.0
import type {
  CPUStat,
  HugetlbStat,
  Metrics,
  PidsStat,
  RdmaStat,
} from "@runwasi/containerd-api/gen/cgroups/cgroup1/stats/metrics.ts";
import { readBlockDevices } from "./block-devices.ts";
import { parseCount, readCgroupFile, readCount, readCounters } from "./cgroup-file.ts";
import { hugePageSizes } from "./huge-page-sizes.ts";
import { readRdma } from "./rdma.ts";
import { readV1Blkio } from "./v1-blkio.ts";
import { readV1Memory, readV1OomControl } from "./v1-memory.ts";

/** `cpuacct.stat` counts in USER_HZ, which is 100 a second to user space on every architecture (time(7)). */
const NANOSECONDS_PER_TICK = 10_000_000n;

/** Reads what cgroup v1 accounts; a controller that is not among `paths` leaves its part undefined. */
export function readV1Metrics(paths: ReadonlyMap<string, string>): Metrics {
  const from = <T>(controller: string, read: (cgroup: string) => T): T | undefined => {
    const cgroup = paths.get(controller);
    return cgroup === undefined ? undefined : read(cgroup);
  };
  return {
    hugetlb: from("hugetlb", readHugetlb) ?? [],
    pids: from("pids", readPids),
    cpu: readCpu(paths),
    memory: from("memory", readV1Memory),
    memoryOomControl: from("memory", readV1OomControl),
    blkio: from("blkio", (cgroup) => readV1Blkio(cgroup, readBlockDevices())),
    rdma: from("rdma", readRdmaStat),
    // Fields of the message that containerd's own shim leaves empty.
    network: [],
    cgroupStats: undefined,
  };
}

function readCpu(paths: ReadonlyMap<string, string>): CPUStat | undefined {
  const cpu = paths.get("cpu");
  const accounting = paths.get("cpuacct");
  if (cpu === undefined && accounting === undefined) return undefined;
  const throttling = cpu === undefined ? undefined : readCounters(cpu, "cpu.stat");
  return {
    usage: {
      total: (accounting === undefined ? undefined : readCount(accounting, "cpuacct.usage")) ?? 0n,
      ...readTicks(accounting),
      perCpu: readPerCpu(accounting),
    },
    throttling: {
      periods: throttling?.of("nr_periods") ?? 0n,
      throttledPeriods: throttling?.of("nr_throttled") ?? 0n,
      throttledTime: throttling?.of("throttled_time") ?? 0n,
    },
  };
}

function readTicks(cgroup: string | undefined): { readonly user: bigint; readonly kernel: bigint } {
  const ticks = cgroup === undefined ? undefined : readCounters(cgroup, "cpuacct.stat");
  return {
    user: (ticks?.of("user") ?? 0n) * NANOSECONDS_PER_TICK,
    kernel: (ticks?.of("system") ?? 0n) * NANOSECONDS_PER_TICK,
  };
}

function readPerCpu(cgroup: string | undefined): bigint[] {
  const text = cgroup === undefined ? undefined : readCgroupFile(cgroup, "cpuacct.usage_percpu");
  return (text ?? "").split(/\s+/).flatMap((word) => parseCount(word) ?? []);
}

function readPids(cgroup: string): PidsStat | undefined {
  const current = readCount(cgroup, "pids.current");
  return current === undefined ? undefined : { current, limit: readCount(cgroup, "pids.max") ?? 0n };
}

function readHugetlb(cgroup: string): HugetlbStat[] {
  return hugePageSizes(cgroup, "usage_in_bytes").flatMap((pagesize) => {
    const usage = readCount(cgroup, `hugetlb.${pagesize}.usage_in_bytes`);
    if (usage === undefined) return [];
    const max = readCount(cgroup, `hugetlb.${pagesize}.max_usage_in_bytes`) ?? 0n;
    return [{ pagesize, usage, max, failcnt: readCount(cgroup, `hugetlb.${pagesize}.failcnt`) ?? 0n }];
  });
}

function readRdmaStat(cgroup: string): RdmaStat | undefined {
  if (readCgroupFile(cgroup, "rdma.current") === undefined) return undefined;
  return { current: readRdma(cgroup, "rdma.current"), limit: readRdma(cgroup, "rdma.max") };
}
