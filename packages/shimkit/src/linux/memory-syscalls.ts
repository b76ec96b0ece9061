// SPDX-License-Identifier: Apache-2.0
// FFI only: madvise(2).
import { dlopen, FFIType } from "bun:ffi";

const MADV_DONTNEED = 4;

type Libc = ReturnType<typeof load>;
let loaded: Libc | undefined;

function load() {
  const { symbols } = dlopen("libc.so.6", {
    madvise: { args: [FFIType.u64, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
  });
  return symbols;
}

/** Addresses of this process, as /proc/self/smaps has them; the end is not part of it. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Unmaps the pages of these mappings of files; whoever touches one has it mapped again, from the page cache mostly.
 *
 * Only for mappings that were never written: what a private one has of its own is lost. What the kernel refuses stays.
 */
export function unmapPages(ranges: readonly AddressRange[]): void {
  loaded ??= load();
  for (const { start, end } of ranges) loaded.madvise(start, end - start, MADV_DONTNEED);
}
