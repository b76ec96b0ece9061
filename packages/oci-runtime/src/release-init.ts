// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { OciRuntimeError } from "./error.ts";

/**
 * Lets a container made by crun run, as `crun start` does and without the 5 ms of a process: init waits for a byte on
 * `exec.fifo` in the container's state, whose absence is what tells crun that a container runs.
 *
 * False, and nothing done, when there is no such FIFO or nobody reads it: then `start` has to be run. So it is for
 * another runtime, or a crun that does it otherwise one day; 1.8.1 and 1.28 do it so. Not for a spec with `poststart`
 * hooks, which `crun start` runs.
 *
 * @throws OciRuntimeError `not-running` when init ends at that very moment.
 */
export function releaseInit(root: string, id: string): boolean {
  const path = join(root, id, "exec.fifo");
  let fd: number;
  try {
    // O_NONBLOCK: ENXIO when init does not wait there, instead of waiting for it.
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return false;
  }
  try {
    unlinkSync(path);
    writeSync(fd, new Uint8Array(1));
    return true;
  } catch (error) {
    // EPIPE: init ended between the open and the write.
    throw new OciRuntimeError("not-running", `cannot start container "${id}": its init does not wait`, {
      cause: error,
    });
  } finally {
    closeSync(fd);
  }
}
