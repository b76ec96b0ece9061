// SPDX-License-Identifier: Apache-2.0
import type {
  CPUStat,
  HugeTlbStat,
  IOEntry,
  IOStat,
  Metrics,
  PidsStat,
  RdmaStat,
} from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import { parseCount, readCgroupFile, readCount, readCounters, readLines, UNLIMITED } from "./cgroup-file.ts";
import { hugePageSizes } from "./huge-page-sizes.ts";
import { readPressure } from "./pressure.ts";
import { readRdma } from "./rdma.ts";
import { readV2Memory, readV2MemoryEvents } from "./v2-memory.ts";

/**
 * Reads what cgroup v2 accounts; a controller that is not enabled leaves its part undefined.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#controllers
 */
export function readV2Metrics(cgroup: string): Metrics {
  return {
    pids: readPids(cgroup),
    cpu: readCpu(cgroup),
    memory: readV2Memory(cgroup),
    memoryEvents: readV2MemoryEvents(cgroup),
    io: readIo(cgroup),
    rdma: readRdmaStat(cgroup),
    hugetlb: readHugetlb(cgroup),
    // A field of the message that containerd's own shim leaves empty.
    network: [],
  };
}

function readPids(cgroup: string): PidsStat | undefined {
  const current = readCount(cgroup, "pids.current");
  return current === undefined
    ? undefined
    : { current, limit: readCount(cgroup, "pids.max", UNLIMITED) ?? 0n };
}

function readCpu(cgroup: string): CPUStat | undefined {
  const stat = readCounters(cgroup, "cpu.stat");
  return (
    stat && {
      usageUsec: stat.of("usage_usec"),
      userUsec: stat.of("user_usec"),
      systemUsec: stat.of("system_usec"),
      nrPeriods: stat.of("nr_periods"),
      nrThrottled: stat.of("nr_throttled"),
      throttledUsec: stat.of("throttled_usec"),
      nrBursts: stat.of("nr_bursts"),
      burstUsec: stat.of("burst_usec"),
      psi: readPressure(cgroup, "cpu.pressure"),
    }
  );
}

function readIo(cgroup: string): IOStat | undefined {
  if (readCgroupFile(cgroup, "io.stat") === undefined) return undefined;
  return {
    usage: readLines(cgroup, "io.stat").flatMap((line) => parseIoLine(line) ?? []),
    psi: readPressure(cgroup, "io.pressure"),
  };
}

// A line is `major:minor key=value ...`, with keys that depend on the device's scheduler.
function parseIoLine(line: string): IOEntry | undefined {
  const [, major, minor, rest = ""] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const values = new Map(rest.split(" ").map((pair): [string, string] => splitPair(pair)));
  const of = (key: string) => parseCount(values.get(key)) ?? 0n;
  return {
    major: parseCount(major) ?? 0n,
    minor: parseCount(minor) ?? 0n,
    rbytes: of("rbytes"),
    wbytes: of("wbytes"),
    rios: of("rios"),
    wios: of("wios"),
  };
}

function splitPair(pair: string): [string, string] {
  const [key = "", value = ""] = pair.split("=");
  return [key, value];
}

function readRdmaStat(cgroup: string): RdmaStat | undefined {
  if (readCgroupFile(cgroup, "rdma.current") === undefined) return undefined;
  return { current: readRdma(cgroup, "rdma.current"), limit: readRdma(cgroup, "rdma.max") };
}

function readHugetlb(cgroup: string): HugeTlbStat[] {
  return hugePageSizes(cgroup, "current").flatMap((pagesize) => {
    const current = readCount(cgroup, `hugetlb.${pagesize}.current`);
    if (current === undefined) return [];
    const max = readCount(cgroup, `hugetlb.${pagesize}.max`, UNLIMITED) ?? 0n;
    const failcnt = readCounters(cgroup, `hugetlb.${pagesize}.events`)?.of("max") ?? 0n;
    return [{ pagesize, current, max, failcnt }];
  });
}
