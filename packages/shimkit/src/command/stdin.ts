// SPDX-License-Identifier: Apache-2.0
import { readSync } from "node:fs";
import { ShimError } from "../error.ts";

/** What containerd writes is some kilobytes; its own shim takes as much. */
const MAX_STDIN_BYTES = 10 * 1024 * 1024;
const STDIN_FD = 0;

/** Reads all of stdin. @throws ShimError ResourceExhausted past 10 MiB. */
export function readStdin(): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = new Uint8Array(64 * 1024);
    const length = readSync(STDIN_FD, chunk, 0, chunk.length, null);
    if (length === 0) return Buffer.concat(chunks, total);
    total += length;
    if (total > MAX_STDIN_BYTES) throw new ShimError("ResourceExhausted", "cannot read stdin: over 10 MiB");
    chunks.push(chunk.subarray(0, length));
  }
}
