// SPDX-License-Identifier: Apache-2.0
import { hasErrno } from "../linux/errno.ts";

/** What forks all the time is left to who can freeze it. */
const ROUNDS = 20;
const PAUSE_MS = 5;

/**
 * Sends SIGKILL to the processes that `list` answers, at once, until it answers none; false when it still does after a tenth
 * of a second. They may be children of one another, so ended ones may be listed until they are reaped.
 */
export async function endProcesses(list: () => readonly number[]): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const pids = list();
    if (pids.length === 0) return true;
    for (const pid of pids) killQuietly(pid);
    await Bun.sleep(PAUSE_MS);
  }
  return false;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!hasErrno(error, "ESRCH")) throw error; // ended by itself
  }
}
