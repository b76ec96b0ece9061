// SPDX-License-Identifier: Apache-2.0
import { readSync, writeSync } from "node:fs";
import { type Descriptor, fileFd } from "./descriptor.ts";
import { InputStream } from "./input-stream.ts";
import { ERRNO, WasiErrno } from "@runwasi/wasi/system";
import { OutputStream } from "./output-stream.ts";
import { NOW } from "./pollable.ts";
import { StreamClosed } from "./stream-error.ts";

/** The most that one read or write of a file moves. */
export const MAX_TRANSFER_BYTES = 1_048_576;

/** An offset that `node:fs` can take; throws `INVAL` or `FBIG` where the kernel would. */
export function fileOffset(offset: bigint): number {
  if (offset >= 1n << 63n) throw new WasiErrno(ERRNO.INVAL);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiErrno(ERRNO.FBIG);
  return Number(offset);
}

/** Whether a descriptor has offsets: all but devices, FIFOs and sockets do. */
function hasOffsets(descriptor: Descriptor): boolean {
  return descriptor.stat().isFile();
}

export function readStream(descriptor: Descriptor, offset: bigint): InputStream {
  const hostFd = fileFd(descriptor, "read");
  let position = hasOffsets(descriptor) ? fileOffset(offset) : null;
  const shared = descriptor.share();
  return new InputStream({
    poll: NOW,
    read(limit) {
      const bytes = new Uint8Array(limit);
      const size = readSync(hostFd, bytes, 0, limit, position);
      if (size === 0 && limit > 0) throw new StreamClosed();
      if (position !== null) position += size;
      return bytes.subarray(0, size);
    },
    [Symbol.dispose]: () => shared[Symbol.dispose](),
  });
}

/** Writes from `offset` on; where the file was opened to append, or `offset` is `"end"`, at its end. */
export function writeStream(descriptor: Descriptor, offset: bigint | "end"): OutputStream {
  const hostFd = fileFd(descriptor, "write");
  let position = offset === "end" || !hasOffsets(descriptor) ? null : fileOffset(offset);
  const shared = descriptor.share();
  return new OutputStream({
    poll: NOW,
    capacity: () => MAX_TRANSFER_BYTES,
    write(bytes) {
      for (let done = 0; done < bytes.length;) {
        const at = offset === "end" && hasOffsets(descriptor) ? Number(descriptor.stat().size) : position;
        const size = writeSync(hostFd, bytes, done, bytes.length - done, at);
        if (position !== null) position += size;
        done += size;
      }
    },
    [Symbol.dispose]: () => shared[Symbol.dispose](),
  });
}
