// SPDX-License-Identifier: Apache-2.0
import { writeAll } from "./file-syscalls.ts";

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
