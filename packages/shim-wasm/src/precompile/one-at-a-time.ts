// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tryLockExclusive } from "@runwasi/containerd-shimkit";
import { parseJsonObject } from "@runwasi/oci";
import { CompileLimitError, type LimitCode } from "./compile-limit.ts";

const POLL_MS = 20;
const LIMIT_CODES: readonly LimitCode[] = ["ResourceExhausted", "DeadlineExceeded"];

/**
 * Does work that one process of the host does at a time, by a lock on a file that is there only meanwhile. A caller that had
 * to wait then does its own work, which finds what the other has done; but for a CompileLimitError of the other's, which is
 * the answer for all that waited: they would hit the same limit one after the other.
 *
 * A process that is killed gives up its lock; the file that it leaves is the next one's.
 */
export async function oneAtATime<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      while (!tryLockExclusive(fd)) await Bun.sleep(POLL_MS);
      if (fstatSync(fd).nlink > 0) return await workLocked(fd, path, work);
      // The one that had it has removed it: whoever comes from now on has another file.
      const failure = readFailure(fd);
      if (failure !== undefined) throw failure;
    } finally {
      closeSync(fd);
    }
  }
}

async function workLocked<T>(fd: number, path: string, work: () => Promise<T>): Promise<T> {
  ftruncateSync(fd); // what a process wrote that was killed before it removed the file
  try {
    return await work();
  } catch (error) {
    if (error instanceof CompileLimitError)
      writeSync(fd, JSON.stringify({ code: error.code, message: error.message }), 0);
    throw error;
  } finally {
    rmSync(path, { force: true });
  }
}

function readFailure(fd: number): CompileLimitError | undefined {
  const text = readFileSync(`/proc/self/fd/${fd}`, "utf8");
  if (text === "") return undefined;
  const { code, message } = parseJsonObject(text, "a failure");
  const limit = LIMIT_CODES.find((one) => one === code);
  return limit === undefined ? undefined : new CompileLimitError(limit, String(message));
}
