// SPDX-License-Identifier: Apache-2.0
// FFI only: prctl(2), waitid(2), setsid(2).
import { dlopen, FFIType, ptr } from "bun:ffi";
import { ShimError } from "../error.ts";
import { lastErrnoName } from "./last-errno.ts";
import { lazy } from "./lazy.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
const CLD_EXITED = 1;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      prctl: {
        args: [FFIType.i32, FFIType.u64, FFIType.u64, FFIType.u64, FFIType.u64],
        returns: FFIType.i32,
      },
      waitid: { args: [FFIType.i32, FFIType.u32, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
      setsid: { args: [], returns: FFIType.i32 },
      __errno_location: { args: [], returns: FFIType.ptr },
    }).symbols,
);

/**
 * Makes this process the one that inherits orphaned descendants, so that a container's init becomes its child
 * when the OCI runtime exits (prctl(2), PR_SET_CHILD_SUBREAPER).
 *
 * @throws ShimError Internal when the kernel refuses.
 */
export function becomeSubreaper(): void {
  if (libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) {
    throw new ShimError("Internal", `cannot become a subreaper: prctl failed with ${lastErrnoName(libc())}`);
  }
}

/**
 * Leaves the session of whoever started this process, for one of its own. Fine for a process that leads one already.
 */
export function leaveSession(): void {
  libc().setsid(); // EPERM, its only error, says that this process leads its group: nobody's signals reach it
}

/** How a child ended: its pid and a shell's exit status, 128+signal when a signal ended it. */
export interface ReapedChild {
  readonly pid: number;
  readonly status: number;
}

// One siginfo_t for all calls: they are synchronous, and its content is copied out before the next. 128 bytes;
// si_code is the int32 at index 2, si_pid at 4, si_status at 6 (both on x86-64 and arm64).
const siginfo = new Int32Array(32);

function waitFor(idType: number, id: number, options: number): ReapedChild | undefined {
  siginfo.fill(0);
  const result = libc().waitid(idType, id, ptr(siginfo), options | WEXITED | WNOHANG);
  const pid = siginfo[4] ?? 0;
  if (result !== 0 || pid === 0) return undefined;
  const status = siginfo[6] ?? 0;
  return { pid, status: siginfo[2] === CLD_EXITED ? status : 128 + status };
}

/** The pid of a child that has ended and is not reaped yet, without reaping it (waitid(2), WNOWAIT). */
export function peekExitedChild(): number | undefined {
  return waitFor(P_ALL, 0, WNOWAIT)?.pid;
}

/** Reaps one child by pid if it has ended; undefined when it runs still or is not a child. */
export function reapChild(pid: number): ReapedChild | undefined {
  return waitFor(P_PID, pid, 0);
}
