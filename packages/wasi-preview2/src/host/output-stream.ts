// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { PollSource } from "./pollable.ts";
import { err, ok } from "./result.ts";
import { streamError, streamResult, type StreamResult } from "./stream-error.ts";
import type { Waiter } from "./waiter.ts";

/** Where an output stream's bytes go. */
export interface ByteSink extends Partial<Disposable> {
  /** When writing or flushing may go on. */
  readonly poll: PollSource;
  /** How many bytes it takes now; throws `StreamClosed` when it takes none any more. */
  capacity(): number;
  /** Takes as many bytes as `capacity` said or fewer. They are the sink's from then on. */
  write(bytes: Uint8Array): void;
  /** Whether all that was written has arrived; true where nobody could tell. */
  isFlushed?(): boolean;
}

/** The most that a blocking write takes, by its contract in streams.wit. */
const MAX_BLOCKING_WRITE_BYTES = 4096;

type Written = StreamResult<undefined>;

/** `wasi:io/streams.output-stream`. */
export class OutputStream implements Disposable {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  get poll(): PollSource {
    return this.#sink.poll;
  }

  checkWrite(): StreamResult<bigint> {
    return streamResult(() => BigInt(this.#sink.capacity()));
  }

  write(bytes: Uint8Array): Written {
    return streamResult(() => {
      if (bytes.length > this.#sink.capacity()) throw trap("a write is larger than check-write permits");
      this.#sink.write(bytes);
      return undefined;
    });
  }

  blockingWriteAndFlush(waiter: Waiter, bytes: Uint8Array): Written | Promise<Written> {
    if (bytes.length > MAX_BLOCKING_WRITE_BYTES) throw trap("a blocking write is larger than 4096 bytes");
    return this.#writeRest(waiter, bytes);
  }

  blockingFlush(waiter: Waiter): Written | Promise<Written> {
    for (;;) {
      try {
        this.#sink.capacity();
      } catch (error) {
        return err(streamError(error));
      }
      if (this.#sink.isFlushed?.() ?? true) return ok();
      const waited = waiter.wait([this.poll]);
      if (waited instanceof Promise) return waited.then(() => this.blockingFlush(waiter));
    }
  }

  #writeRest(waiter: Waiter, bytes: Uint8Array): Written | Promise<Written> {
    for (let rest = bytes; rest.length > 0;) {
      const capacity = this.checkWrite();
      if (capacity.tag === "err") return capacity;
      const size = Math.min(rest.length, Number(capacity.val));
      if (size > 0) {
        const written = this.write(rest.subarray(0, size));
        if (written.tag === "err") return written;
        rest = rest.subarray(size);
        continue;
      }
      const waited = waiter.wait([this.poll]);
      if (waited instanceof Promise) return waited.then(() => this.#writeRest(waiter, rest));
    }
    return this.blockingFlush(waiter);
  }

  [Symbol.dispose](): void {
    this.#sink[Symbol.dispose]?.();
  }
}
