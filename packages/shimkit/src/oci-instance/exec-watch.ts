// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from "node:fs";
import type { ClaimedChild } from "../daemon/reaper.ts";

const POLL_MS = 1;
/** Between the release of init and its exec lie a few system calls; this bounds a machine that stalls. */
const LIMIT_MS = 2_000;

/**
 * Waits until a released init has executed its program or ended; true when it ended first.
 *
 * The OCI runtime's `start` succeeds before the exec and nothing reports a failed one, but the executable of the
 * process changes with it. Only for programs in doubt: it costs polling.
 *
 * @param before the executable of the waiting init, from `executableOf`; for an exec, the OCI runtime's
 */
export async function endedBeforeExec(init: ClaimedChild, before: string | undefined): Promise<boolean> {
  let ended = false;
  void init.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + LIMIT_MS;
  while (!ended && performance.now() < deadline) {
    const now = executableOf(init.pid);
    // runc and crun may run from a sealed copy of themselves.
    if (now !== undefined && now !== before && !now.startsWith("/memfd:")) return false;
    await Bun.sleep(POLL_MS);
  }
  return ended;
}

/** What /proc says the process executes; undefined when it has ended. */
export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // ended
  }
}
