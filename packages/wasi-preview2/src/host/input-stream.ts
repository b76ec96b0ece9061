// SPDX-License-Identifier: Apache-2.0
import type { PollSource } from "./pollable.ts";
import { streamResult, type StreamResult } from "./stream-error.ts";
import type { Waiter } from "./waiter.ts";

/** Where an input stream's bytes come from. */
export interface ByteSource extends Partial<Disposable> {
  /** When reading may give something. */
  readonly poll: PollSource;
  /**
   * What there is without waiting, `limit` bytes at most; nothing when there is nothing yet. Throws `StreamClosed`
   * at the end, and anything else when reading fails.
   */
  read(limit: number): Uint8Array;
}

/** The most that one read gives, whatever the guest asks for. */
const MAX_READ_BYTES = 1_048_576n;

/** `wasi:io/streams.input-stream`. */
export class InputStream implements Disposable {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get poll(): PollSource {
    return this.#source.poll;
  }

  read(limit: bigint): StreamResult<Uint8Array> {
    return streamResult(() => this.take(limit));
  }

  /** As `read`, with the source's exceptions. */
  take(limit: bigint): Uint8Array {
    return this.#source.read(Number(limit < MAX_READ_BYTES ? limit : MAX_READ_BYTES));
  }

  /** Reads at least one byte, unless none are asked for or the stream ends. */
  blockingRead(waiter: Waiter, limit: bigint): StreamResult<Uint8Array> | Promise<StreamResult<Uint8Array>> {
    for (;;) {
      const result = this.read(limit);
      if (limit === 0n || result.tag === "err" || result.val.length > 0) return result;
      const waited = waiter.wait([this.poll]);
      if (waited instanceof Promise) return waited.then(() => this.blockingRead(waiter, limit));
    }
  }

  [Symbol.dispose](): void {
    this.#source[Symbol.dispose]?.();
  }
}
