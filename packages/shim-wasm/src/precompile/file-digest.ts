// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file, in hexadecimal, read once from its beginning.
 *
 * @param copy to which the very bytes go that were counted in: a file that changes meanwhile cannot pass for another
 * @param maxBytes beyond which it gives up: undefined then
 */
export function fileDigest(
  path: string,
  { copy, maxBytes = Infinity }: { readonly copy?: number; readonly maxBytes?: number } = {},
): string | undefined {
  // O_NONBLOCK: a FIFO in place of the file is not waited for.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const hasher = new Bun.CryptoHasher("sha256");
    const chunk = new Uint8Array(CHUNK_BYTES);
    let total = 0;
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      total += length;
      if (total > maxBytes) return undefined;
      const bytes = chunk.subarray(0, length);
      hasher.update(bytes);
      if (copy !== undefined) writeAll(copy, bytes);
    }
    return hasher.digest("hex");
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
