// SPDX-License-Identifier: Apache-2.0
import { hasErrno } from "../linux/errno.ts";
import type { ByteReader } from "./terminal-output.ts";

/** termios(3): the default VEOF. At the beginning of a line a program reads the end of its input. */
const EOT = 4;
const NEWLINES: ReadonlySet<number | undefined> = new Set([undefined, 10, 13]);
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 500;

/**
 * Writes a stream to a terminal, and at its end the end of input: twice where a line has been begun, whose beginning the
 * first sends off. Ends early when the terminal has gone.
 */
export async function copyToTerminal(input: ByteReader, write: WriteToTerminal): Promise<void> {
  let last: number | undefined;
  for (let { value, done } = await input.read(); !done && value; { value, done } = await input.read()) {
    if (!(await writeAll(write, value))) return;
    last = value.at(-1);
  }
  await writeAll(write, new Uint8Array(NEWLINES.has(last) ? [EOT] : [EOT, EOT]));
}

/** Writes without waiting, and throws EAGAIN where it would have to; undefined when the terminal has gone. */
export type WriteToTerminal = (bytes: Uint8Array) => number | undefined;

/**
 * False when the terminal has gone. While a program reads none of its input the terminal takes no more, and nothing says
 * when it does (Bun polls for reading alone): asked again, at longer and longer intervals.
 */
async function writeAll(write: WriteToTerminal, bytes: Uint8Array): Promise<boolean> {
  let rest = bytes;
  let retryMs = FIRST_RETRY_MS;
  while (rest.length > 0) {
    try {
      const written = write(rest);
      if (written === undefined) return false;
      rest = rest.subarray(written);
      retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (hasErrno(error, "EIO")) return false;
      if (!hasErrno(error, "EAGAIN")) throw error;
      await Bun.sleep(retryMs);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }
  return true;
}
