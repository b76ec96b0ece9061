// SPDX-License-Identifier: Apache-2.0
import type { BlkIOEntry, BlkIOStat } from "@runwasi/containerd-api/gen/cgroups/cgroup1/stats/metrics.ts";
import type { BlockDevices } from "./block-devices.ts";
import { parseCount, readCgroupFile, readLines } from "./cgroup-file.ts";

const LINE = /^(\d+):(\d+)(?: ([A-Za-z]+))? (\d+)$/;

/**
 * Reads the blkio controller; undefined when it is not there. Counters of a proportional scheduler come first;
 * with none of them, those of throttling, which every device has.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html
 */
export function readV1Blkio(cgroup: string, devices: BlockDevices): BlkIOStat | undefined {
  if (readCgroupFile(cgroup, "blkio.throttle.io_serviced") === undefined) return undefined;
  const read = (name: string) => readEntries(cgroup, `blkio.${name}`, devices);
  const scheduled: BlkIOStat = {
    sectorsRecursive: read("sectors_recursive"),
    ioServiceBytesRecursive: read("io_service_bytes_recursive"),
    ioServicedRecursive: read("io_serviced_recursive"),
    ioQueuedRecursive: read("io_queued_recursive"),
    ioServiceTimeRecursive: read("io_service_time_recursive"),
    ioWaitTimeRecursive: read("io_wait_time_recursive"),
    ioMergedRecursive: read("io_merged_recursive"),
    ioTimeRecursive: read("time_recursive"),
  };
  if (Object.values(scheduled).some((entries: readonly BlkIOEntry[]) => entries.length > 0)) return scheduled;
  return {
    ...scheduled,
    ioServicedRecursive: readThrottled(cgroup, "io_serviced", devices),
    ioServiceBytesRecursive: readThrottled(cgroup, "io_service_bytes", devices),
  };
}

// Older kernels count only the cgroup itself, without those below it.
function readThrottled(cgroup: string, name: string, devices: BlockDevices): BlkIOEntry[] {
  const recursive = readEntries(cgroup, `blkio.throttle.${name}_recursive`, devices);
  return recursive.length > 0 ? recursive : readEntries(cgroup, `blkio.throttle.${name}`, devices);
}

// Lines are `major:minor [operation] value`, then a total, which is left out.
function readEntries(cgroup: string, file: string, devices: BlockDevices): BlkIOEntry[] {
  return readLines(cgroup, file).flatMap((line) => {
    const [, major, minor, op = "", value] = LINE.exec(line) ?? [];
    if (major === undefined || minor === undefined) return [];
    return [
      {
        op,
        device: devices.get(`${major}:${minor}`) ?? "",
        major: parseCount(major) ?? 0n,
        minor: parseCount(minor) ?? 0n,
        value: parseCount(value) ?? 0n,
      },
    ];
  });
}
