// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";

/** Clocks of preview 1 (witx: `$clockid`); the numbers happen to be Linux's own. */
export const CLOCK = { REALTIME: 0, MONOTONIC: 1, PROCESS_CPUTIME: 2, THREAD_CPUTIME: 3 } as const;

/** Nanoseconds on `clock`; throws `INVAL` for an unknown one. */
export function readClock(context: WasiContext, clock: number): bigint {
  switch (clock) {
    case CLOCK.MONOTONIC:
      return process.hrtime.bigint();
    case CLOCK.REALTIME:
    case CLOCK.PROCESS_CPUTIME:
    case CLOCK.THREAD_CPUTIME:
      return context.kernel().clockGettime(clock);
    default:
      throw new WasiErrno(ERRNO.INVAL);
  }
}

function clockResGet(context: WasiContext, clock: number, result: number): Errno {
  if (clock < CLOCK.REALTIME || clock > CLOCK.THREAD_CPUTIME) return ERRNO.INVAL;
  // Linux's own answer for its high resolution clocks, see clock_getres(2).
  context.memory.setU64(result, 1n);
  return ERRNO.SUCCESS;
}

function clockTimeGet(context: WasiContext, clock: number, _precision: bigint, result: number): Errno {
  context.memory.setU64(result, readClock(context, clock));
  return ERRNO.SUCCESS;
}

/** Clocks; the CPU-time ones work as well, which wasmtime refuses with `BADF`. */
export const clockFunctions: WasiFunctions = { clock_res_get: clockResGet, clock_time_get: clockTimeGet };
