// SPDX-License-Identifier: Apache-2.0
import { ERRNO, WasiErrno } from "./errno.ts";
import type { FileTimes } from "./kernel.ts";

// witx: $fstflags
const ATIM = 1;
const ATIM_NOW = 2;
const MTIM = 4;
const MTIM_NOW = 8;
const KNOWN_FLAGS = 15;

/** The times that a `set_times` call asks for; throws `INVAL` when it asks for a time and for now. */
export function parseFileTimes(accessedNs: bigint, modifiedNs: bigint, flags: number): FileTimes {
  if ((flags & ~KNOWN_FLAGS) !== 0) throw new WasiErrno(ERRNO.INVAL);
  return {
    accessed: parseTime(accessedNs, (flags & ATIM) !== 0, (flags & ATIM_NOW) !== 0),
    modified: parseTime(modifiedNs, (flags & MTIM) !== 0, (flags & MTIM_NOW) !== 0),
  };
}

function parseTime(timeNs: bigint, isSet: boolean, isNow: boolean): bigint | "now" | undefined {
  if (isSet && isNow) throw new WasiErrno(ERRNO.INVAL);
  if (isNow) return "now";
  return isSet ? BigInt.asUintN(64, timeNs) : undefined;
}
