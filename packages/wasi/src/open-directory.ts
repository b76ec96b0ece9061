// SPDX-License-Identifier: Apache-2.0
import { constants, openSync } from "node:fs";
import { linuxErrnoOf } from "./errno.ts";
import { O_PATH } from "./linux-kernel.ts";

const EACCES = 13;

/**
 * Opens a directory of the host for a guest; the descriptor is the caller's. One that this user may search and not read
 * still serves to reach what is in it. Throws what open(2) fails with.
 */
export function openDirectory(hostPath: string): number {
  try {
    return openSync(hostPath, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (linuxErrnoOf(error) !== EACCES) throw error;
    return openSync(hostPath, O_PATH | constants.O_DIRECTORY);
  }
}
