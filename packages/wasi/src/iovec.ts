// SPDX-License-Identifier: Apache-2.0
import { ERRNO, WasiErrno } from "./errno.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** The most entries that one call may have, Linux's IOV_MAX (readv(2)). */
const MAX_IOVECS = 1024;

/** A range of guest memory, already checked to lie inside it. */
export interface GuestRange {
  readonly start: number;
  readonly sizeBytes: number;
}

/** The non-empty ranges of an iovec array. Throws `FAULT` for any outside the memory, `INVAL` for too many. */
export function readIovecs(memory: GuestMemory, pointer: number, count: number): readonly GuestRange[] {
  const length = count >>> 0;
  if (length > MAX_IOVECS) throw new WasiErrno(ERRNO.INVAL);
  const ranges: GuestRange[] = [];
  for (let index = 0; index < length; index += 1) {
    const at = (pointer >>> 0) + index * 8;
    const sizeBytes = memory.u32(at + 4);
    const start = memory.range(memory.u32(at), sizeBytes);
    if (sizeBytes > 0) ranges.push({ start, sizeBytes });
  }
  return ranges;
}

/** The ranges' bytes in one piece: the guest's own memory for a single range, a copy for several. */
export function gather(memory: GuestMemory, ranges: readonly GuestRange[], limitBytes: number): Uint8Array {
  const [first] = ranges;
  if (first === undefined) return new Uint8Array(0);
  if (ranges.length === 1) return memory.slice(first.start, first.sizeBytes);
  const total = ranges.reduce((sum, range) => sum + range.sizeBytes, 0);
  const bytes = new Uint8Array(Math.min(total, limitBytes));
  let filled = 0;
  for (const range of ranges) {
    const part = memory.slice(range.start, Math.min(range.sizeBytes, bytes.length - filled));
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}
