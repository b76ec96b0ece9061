// SPDX-License-Identifier: Apache-2.0
import { readSync, writeSync } from "node:fs";
import { InputStream } from "./input-stream.ts";
import { type Kernel, linuxErrnoOf } from "@runwasi/wasi/system";
import { OutputStream } from "./output-stream.ts";
import { NOW, type PollSource } from "./pollable.ts";
import { StreamClosed } from "./stream-error.ts";

// poll(2)
const POLLIN = 0x1;
const POLLOUT = 0x4;

const EINTR = 4;
const EAGAIN = 11;
const EPIPE = 32;
/** What check-write promises; a full pipe makes the write wait. */
const CAPACITY_BYTES = 65_536;
const NOTHING: Uint8Array = new Uint8Array(0);

/** A descriptor of the container's as the guest's stdin. It is read when poll(2) says that this does not wait. */
export function openStdin(hostFd: number, kernel: () => Kernel): InputStream {
  const poll: PollSource = { wakeup: { kind: "fd", hostFd, events: POLLIN } };
  return new InputStream({
    poll,
    read(limit) {
      if (limit === 0 || kernel().poll([{ hostFd, events: POLLIN, revents: 0 }], 0n) === 0) return NOTHING;
      const bytes = new Uint8Array(limit);
      const size = retrying(() => readSync(hostFd, bytes, 0, limit, null));
      if (size === 0) throw new StreamClosed();
      return bytes.subarray(0, size ?? 0);
    },
  });
}

/** A descriptor of the container's as stdout or stderr; every write is written before it returns. */
export function openOutput(hostFd: number, kernel: () => Kernel): OutputStream {
  return new OutputStream({
    poll: NOW,
    capacity: () => CAPACITY_BYTES,
    write: (bytes) => writeAll(hostFd, bytes, kernel),
  });
}

function writeAll(hostFd: number, bytes: Uint8Array, kernel: () => Kernel): void {
  for (let done = 0; done < bytes.length;) {
    const size = retrying(() => writeSync(hostFd, bytes, done, bytes.length - done));
    if (size === undefined) kernel().poll([{ hostFd, events: POLLOUT, revents: 0 }], undefined);
    else done += size;
  }
}

// Undefined where a non-blocking descriptor would wait: whoever holds the pipe's other end decides that.
function retrying(call: () => number): number | undefined {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const linuxErrno = linuxErrnoOf(error);
      if (linuxErrno === EAGAIN) return undefined;
      if (linuxErrno === EPIPE) throw new StreamClosed();
      if (linuxErrno !== EINTR) throw error;
    }
  }
}
