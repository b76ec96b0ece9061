// SPDX-License-Identifier: Apache-2.0
import { fdatasyncSync, fsyncSync, ftruncateSync, readSync, writeSync } from "node:fs";
import type { HostInterface } from "../link/host-interface.ts";
import { Descriptor, type FileAccess, fileFd } from "./descriptor.ts";
import { fileResult } from "./file-error.ts";
import { fileOffset, MAX_TRANSFER_BYTES, readStream, writeStream } from "./file-stream.ts";
import { method } from "./host-function.ts";

// posix_fadvise(2), in the order of `wasi:filesystem/types.advice`
const ADVICE = ["normal", "random", "sequential", "will-need", "dont-need", "no-reuse"];

/** What reads and writes a file. */
export function contentFunctions({ kernel }: FileAccess): HostInterface["functions"] {
  return {
    "[method]descriptor.read-via-stream": method(Descriptor, (self, offset: bigint) =>
      fileResult(() => readStream(self, offset)),
    ),
    "[method]descriptor.write-via-stream": method(Descriptor, (self, offset: bigint) =>
      fileResult(() => writeStream(self, offset)),
    ),
    "[method]descriptor.append-via-stream": method(Descriptor, (self) =>
      fileResult(() => writeStream(self, "end")),
    ),
    "[method]descriptor.read": method(Descriptor, (self, size: bigint, offset: bigint) =>
      fileResult(() => read(self, size, offset)),
    ),
    "[method]descriptor.write": method(Descriptor, (self, bytes: Uint8Array, offset: bigint) =>
      fileResult(() => BigInt(writeSync(fileFd(self, "write"), bytes, 0, bytes.length, fileOffset(offset)))),
    ),
    "[method]descriptor.advise": method(Descriptor, (self, offset: bigint, size: bigint, advice: string) =>
      fileResult(() => kernel().advise(self.hostFd, offset, size, ADVICE.indexOf(advice))),
    ),
    "[method]descriptor.set-size": method(Descriptor, (self, size: bigint) =>
      fileResult(() => ftruncateSync(fileFd(self, "write"), fileOffset(size))),
    ),
    "[method]descriptor.sync": method(Descriptor, (self) => fileResult(() => fsyncSync(self.hostFd))),
    "[method]descriptor.sync-data": method(Descriptor, (self) =>
      fileResult(() => fdatasyncSync(self.hostFd)),
    ),
  };
}

function read(descriptor: Descriptor, size: bigint, offset: bigint): readonly [Uint8Array, boolean] {
  const hostFd = fileFd(descriptor, "read");
  const limit = size > BigInt(MAX_TRANSFER_BYTES) ? MAX_TRANSFER_BYTES : Number(size);
  const bytes = new Uint8Array(limit);
  const received = readSync(hostFd, bytes, 0, limit, fileOffset(offset));
  return [bytes.subarray(0, received), received === 0 && limit > 0];
}
