// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";

const STDOUT_FD = 1;
const STDERR_FD = 2;

/**
 * Writes all of it to stdout. Not through process.stdout, whose streams take 10 ms to load: more than all else that
 * `start` does.
 */
export function writeStdout(content: string | Uint8Array): void {
  writeAll(STDOUT_FD, content);
}

/** As writeStdout, to stderr. */
export function writeStderr(content: string): void {
  writeAll(STDERR_FD, content);
}

function writeAll(fd: number, content: string | Uint8Array): void {
  let rest = typeof content === "string" ? new TextEncoder().encode(content) : content;
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
}
