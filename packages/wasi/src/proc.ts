// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno } from "./errno.ts";

/** How `proc_exit` leaves the guest; `run.ts` catches it, nothing else may. */
export class ProcExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

// As exit(2) does: the low eight bits, so that exit(-1) is 255.
function procExit(_context: WasiContext, exitCode: number): Errno {
  throw new ProcExit(exitCode & 0xff);
}

/** Exit, signals (none can be raised) and yielding. */
export const procFunctions: WasiFunctions = {
  proc_exit: procExit,
  proc_raise: (_context: WasiContext, _signal: number): Errno => ERRNO.NOTSUP,
  sched_yield: (_context: WasiContext): Errno => ERRNO.SUCCESS,
};
