// SPDX-License-Identifier: Apache-2.0
// testdata/v1 was captured on Linux 6.18 but for blkio, hugetlb and rdma, which like all of testdata/v2 are
// written to the kernel's documented formats with a different number for each field.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metrics as V1Metrics } from "@runwasi/containerd-api/gen/cgroups/cgroup1/stats/metrics.ts";
import { Metrics as V2Metrics } from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import { ShimError } from "../error.ts";
import { parseBlockDevices } from "./block-devices.ts";
import { cgroupProcs } from "./cgroup-procs.ts";
import type { ContainerCgroup } from "./find-cgroup.ts";
import { countOomKills } from "./oom-kills.ts";
import { readCgroupStats } from "./read-cgroup-stats.ts";
import { readV1Blkio } from "./v1-blkio.ts";

const TESTDATA = join(import.meta.dir, "testdata");
const V2: ContainerCgroup = { kind: "v2", path: join(TESTDATA, "v2") };

function v1(...controllers: readonly string[]): ContainerCgroup {
  return { kind: "v1", paths: new Map(controllers.map((name) => [name, join(TESTDATA, "v1", name)])) };
}

function readV1(...controllers: readonly string[]): V1Metrics {
  const { typeUrl, value } = readCgroupStats(v1(...controllers));
  expect(typeUrl).toBe("io.containerd.cgroups.v1.Metrics");
  return V1Metrics.decode(value);
}

function readV2(): V2Metrics {
  const { typeUrl, value } = readCgroupStats(V2);
  expect(typeUrl).toBe("io.containerd.cgroups.v2.Metrics");
  return V2Metrics.decode(value);
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof ShimError ? error.code : String(error);
  }
}

test("v1: CPU time is in nanoseconds, ticks converted", () => {
  expect(readV1("cpu", "cpuacct").cpu).toEqual({
    usage: { total: 252905436n, user: 230000000n, kernel: 10000000n, perCpu: [1132792n, 251772644n] },
    throttling: { periods: 14n, throttledPeriods: 12n, throttledTime: 894833312n },
  });
});

test("v1: memory holds usage, limits and the counters with their totals", () => {
  const { memory, memoryOomControl } = readV1("memory");
  expect(memory).toMatchObject({
    cache: 241664n,
    rss: 118784n,
    pgFault: 757n,
    hierarchicalMemoryLimit: 67108864n,
    hierarchicalSwapLimit: 9223372036854771712n,
    totalActiveFile: 147456n,
    usage: { limit: 67108864n, usage: 552960n, max: 1703936n, failcnt: 0n },
    swap: { limit: 9223372036854771712n, usage: 552960n, max: 1703936n, failcnt: 0n },
    kernel: { limit: 9223372036854771712n, usage: 110592n, max: 176128n, failcnt: 0n },
    kernelTcp: { limit: 9223372036854771712n, usage: 0n, max: 0n, failcnt: 0n },
  });
  expect(memoryOomControl).toEqual({ oomKillDisable: 0n, underOom: 0n, oomKill: 0n });
});

test("v1: pids, huge pages and rdma", () => {
  const metrics = readV1("pids", "hugetlb", "rdma");
  expect(metrics.pids).toEqual({ current: 2n, limit: 50n });
  expect(metrics.hugetlb).toEqual([{ pagesize: "2MB", usage: 4194304n, max: 6291456n, failcnt: 7n }]);
  expect(metrics.rdma).toEqual({
    current: [
      { device: "mlx4_0", hcaHandles: 2, hcaObjects: 2000 },
      { device: "ocrdma1", hcaHandles: 3, hcaObjects: 0 },
    ],
    limit: [
      { device: "mlx4_0", hcaHandles: 4, hcaObjects: 4294967295 },
      { device: "ocrdma1", hcaHandles: 4294967295, hcaObjects: 4294967295 },
    ],
  });
});

test("v1: block I/O names the device, and falls back to what throttling counts", () => {
  const devices = parseBlockDevices("major minor  #blocks  name\n\n 240        0  268435456 vda\n");
  const blkio = readV1Blkio(join(TESTDATA, "v1", "blkio"), devices);
  const of = (op: string, value: bigint) => ({ op, device: "/dev/vda", major: 240n, minor: 0n, value });
  expect(blkio?.ioServicedRecursive).toEqual([
    of("Read", 3n),
    of("Write", 5n),
    of("Sync", 8n),
    of("Async", 0n),
    of("Discard", 0n),
    of("Total", 8n),
  ]);
  expect(blkio?.ioServiceBytesRecursive).toContainEqual(of("Write", 20480n));
});

test("v1: a controller that the container has no cgroup for is left out", () => {
  expect(readV1("pids")).toEqual({
    hugetlb: [],
    pids: { current: 2n, limit: 50n },
    cpu: undefined,
    memory: undefined,
    blkio: undefined,
    rdma: undefined,
    network: [],
    cgroupStats: undefined,
    memoryOomControl: undefined,
  });
});

test("v2: CPU with its pressure", () => {
  expect(readV2().cpu).toEqual({
    usageUsec: 5400321n,
    userUsec: 4200111n,
    systemUsec: 1200210n,
    nrPeriods: 41n,
    nrThrottled: 9n,
    throttledUsec: 183000n,
    nrBursts: 2n,
    burstUsec: 350n,
    psi: {
      some: { avg10: 3, avg60: 2, avg300: 1, total: 98765n },
      full: { avg10: 0, avg60: 0, avg300: 0, total: 0n },
    },
  });
});

test("v2: memory with usage, limits and events", () => {
  const { memory, memoryEvents } = readV2();
  expect(memory).toMatchObject({
    anon: 4096n,
    usage: 73400320n,
    usageLimit: 134217728n,
    maxUsage: 90177536n,
    swapUsage: 8192n,
    swapLimit: 18446744073709551615n,
    swapMaxUsage: 16384n,
    psi: { some: { avg10: 0.12, avg60: 1.5, avg300: 99.99, total: 1234567n } },
  });
  expect(memoryEvents).toEqual({ low: 1n, high: 2n, max: 3n, oom: 4n, oomKill: 5n, oomGroupKill: 6n });
});

test("v2: pids, I/O, huge pages and rdma, with max as the largest number", () => {
  const metrics = readV2();
  expect(metrics.pids).toEqual({ current: 7n, limit: 18446744073709551615n });
  expect(metrics.io?.usage).toEqual([
    { major: 254n, minor: 0n, rbytes: 1048576n, wbytes: 524288n, rios: 17n, wios: 5n },
    { major: 7n, minor: 3n, rbytes: 4096n, wbytes: 0n, rios: 1n, wios: 0n },
  ]);
  expect(metrics.hugetlb.toSorted((a, b) => Number(a.current - b.current))).toEqual([
    { pagesize: "1GB", current: 0n, max: 1073741824n, failcnt: 0n },
    { pagesize: "2MB", current: 2097152n, max: 18446744073709551615n, failcnt: 11n },
  ]);
  expect(metrics.rdma).toEqual({
    current: [{ device: "mlx5_0", hcaHandles: 1, hcaObjects: 20 }],
    limit: [{ device: "mlx5_0", hcaHandles: 4294967295, hcaObjects: 500 }],
  });
});

test("v2: controllers that are not enabled are left out", () => {
  const { typeUrl, value } = readCgroupStats({ kind: "v2", path: join(TESTDATA, "v2", "inner") });
  expect(typeUrl).toBe("io.containerd.cgroups.v2.Metrics");
  expect(value).toHaveLength(0);
});

test("a cgroup that is gone is NotFound", () => {
  const path = mkdtempSync(join(tmpdir(), "cgroup-"));
  rmSync(path, { recursive: true });
  expect(codeOf(() => readCgroupStats({ kind: "v2", path }))).toBe("NotFound");
  expect(codeOf(() => readCgroupStats({ kind: "v1", paths: new Map([["memory", path]]) }))).toBe("NotFound");
  expect(cgroupProcs({ kind: "v2", path })).toEqual([]);
});

test("cgroupProcs() finds processes of cgroups below, each once, and none of other pid namespaces", () => {
  expect(cgroupProcs(v1("cpuacct", "pids")).toSorted(byNumber)).toEqual([28756, 28760, 28761, 28762]);
  expect(cgroupProcs(V2).toSorted(byNumber)).toEqual([901, 902, 903]);
});

test("countOomKills() is the kernel's count in either version, 0 without one", () => {
  expect(countOomKills(V2)).toBe(5n);
  expect(countOomKills(v1("memory"))).toBe(0n);
  expect(countOomKills(v1("pids"))).toBe(0n);
  expect(countOomKills({ kind: "v2", path: "/nonexistent" })).toBe(0n);
});
