// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from "node:fs";
import { messageOf, ShimError } from "../error.ts";

/** Both ends of a FIFO, blocking; the caller owns the fds. */
export interface FifoEnds {
  readonly read: number;
  readonly write: number;
}

/**
 * Opens both ends of a FIFO without waiting for anybody.
 *
 * Opening one end blocks until the other is open (fifo(7)), which would stop the whole daemon; with O_RDWR held
 * meanwhile neither does. The ends have no O_NONBLOCK: they become a container's stdio, and programs take that as
 * blocking.
 *
 * @throws ShimError InvalidArgument when the path is not a FIFO that can be opened.
 */
export function openFifo(path: string, name: string): FifoEnds {
  const open = (flags: number): number => {
    try {
      return openSync(path, flags);
    } catch (error) {
      throw new ShimError("InvalidArgument", `cannot open ${name} "${path}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  };
  const both = open(constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const read = open(constants.O_RDONLY);
    try {
      return { read, write: open(constants.O_WRONLY) };
    } catch (error) {
      closeSync(read);
      throw error;
    }
  } finally {
    closeSync(both);
  }
}
