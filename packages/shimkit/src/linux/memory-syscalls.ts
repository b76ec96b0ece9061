// SPDX-License-Identifier: Apache-2.0
// FFI only: madvise(2).
import { dlopen, FFIType } from "bun:ffi";
import { lazy } from "./lazy.ts";

const MADV_DONTNEED = 4;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      madvise: { args: [FFIType.u64, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
    }).symbols,
);

/** Addresses of this process, as /proc/self/smaps has them; the end is not part of it. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Unmaps the pages of these mappings of files; whoever touches one has it mapped again, from the page cache mostly.
 *
 * Only for mappings that were never written, what a private one has of its own is lost, and that are there still: nothing in
 * a daemon unmaps the files that it has mapped, which are its executable and libraries. What the kernel refuses stays.
 */
export function unmapPages(ranges: readonly AddressRange[]): void {
  for (const { start, end } of ranges) libc().madvise(start, end - start, MADV_DONTNEED);
}
