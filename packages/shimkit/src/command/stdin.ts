// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import { FileError, readToEnd } from "../linux/file-syscalls.ts";

/** What containerd writes is some kilobytes; its own shim takes as much. */
const MAX_STDIN_BYTES = 10 * 1024 * 1024;
const STDIN_FD = 0;

/** Reads all of stdin. @throws ShimError ResourceExhausted past 10 MiB. */
export function readStdin(): Uint8Array {
  try {
    return readToEnd(STDIN_FD, MAX_STDIN_BYTES);
  } catch (error) {
    if (!(error instanceof FileError) || error.code !== "EFBIG") throw error;
    throw new ShimError("ResourceExhausted", "cannot read stdin: over 10 MiB", { cause: error });
  }
}
