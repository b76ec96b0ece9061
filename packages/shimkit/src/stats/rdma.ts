// SPDX-License-Identifier: Apache-2.0
import { parseCount, readLines } from "./cgroup-file.ts";

/** One device of the rdma controller; the fields of both metrics messages. */
export interface RdmaDevice {
  device: string;
  hcaHandles: number;
  hcaObjects: number;
}

const MAX_UINT32 = 0xffff_ffff;
const LINE = /^(\S+) hca_handle=(\w+) hca_object=(\w+)$/;

/**
 * Reads `rdma.current` or `rdma.max`, a device a line; `max` counts as the largest 32-bit number.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/rdma.html
 */
export function readRdma(cgroup: string, file: "rdma.current" | "rdma.max"): RdmaDevice[] {
  return readLines(cgroup, file).flatMap((line) => {
    const [, device, handles, objects] = LINE.exec(line.trim()) ?? [];
    return device === undefined ? [] : [{ device, hcaHandles: parse(handles), hcaObjects: parse(objects) }];
  });
}

function parse(text: string | undefined): number {
  return text === "max" ? MAX_UINT32 : Math.min(Number(parseCount(text) ?? 0n), MAX_UINT32);
}
