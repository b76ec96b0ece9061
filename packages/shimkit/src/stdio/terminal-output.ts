// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";

/** How long a reader may let output wait before it is asked for whether it is there at all. */
const STALL_MS = 1_000;

/** What Bun's streams are read with. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export interface OutputTarget {
  /** Non-blocking. */
  readonly write: number;
  /**
   * Gives up the read end that the shim holds of a FIFO, so that a write fails when nobody else reads. Idempotent. Until
   * then what is written waits in the FIFO, for a containerd that is away.
   */
  readonly letGo: () => void;
  /** Whether it waits there for as long as it takes, and the program with it; else a second. */
  readonly waits: boolean;
  /** Closes `write`, so that readers see the end. Idempotent. */
  readonly close: () => void;
}

/**
 * Copies what a terminal prints, in order and whole, as fast as it is read. When its reader has gone and the FIFO is full,
 * the rest is dropped until there is one again, unless the target waits.
 *
 * Resolves at the terminal's end, which is EIO when the last program on it has ended.
 */
export async function copyFromTerminal(output: ByteReader, target: OutputTarget | undefined): Promise<void> {
  let sink = target && createSink(target);
  for (let chunk = await nextChunk(output); chunk !== undefined; chunk = await nextChunk(output)) {
    if (target === undefined) continue;
    let rest = chunk;
    if (sink === undefined) {
      const written = writeIfRead(target.write, chunk);
      if (written === undefined) continue;
      sink = createSink(target);
      rest = chunk.subarray(written);
    }
    if (rest.length > 0 && !(await sink.write(rest))) {
      await sink.end();
      sink = undefined;
    }
  }
  await sink?.end();
}

async function nextChunk(output: ByteReader): Promise<Uint8Array | undefined> {
  try {
    return (await output.read()).value;
  } catch (error) {
    if (hasErrno(error, "EIO")) return undefined;
    throw error;
  }
}

interface Sink {
  /** False when nobody reads any more. */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Closes the descriptor that Bun makes for itself, without which a reader sees no end. */
  end(): Promise<void>;
}

function createSink({ write, letGo, waits }: OutputTarget): Sink {
  const writer = Bun.file(write).writer({ highWaterMark: 1 });
  return {
    async write(chunk) {
      const stalled = waits ? undefined : setTimeout(letGo, STALL_MS);
      try {
        await writer.write(chunk);
        await writer.flush();
        return true;
      } catch (error) {
        if (!hasErrno(error, "EPIPE")) throw error;
        return false;
      } finally {
        clearTimeout(stalled);
      }
    },
    async end() {
      try {
        await writer.end();
      } catch (error) {
        if (!hasErrno(error, "EPIPE")) throw error;
      }
    },
  };
}

/** How much was written; undefined when nobody reads. */
function writeIfRead(fd: number, chunk: Uint8Array): number | undefined {
  try {
    return writeSync(fd, chunk);
  } catch (error) {
    if (hasErrno(error, "EPIPE")) return undefined;
    if (hasErrno(error, "EAGAIN")) return 0; // somebody reads again, and what waits in the FIFO comes first
    throw error;
  }
}
