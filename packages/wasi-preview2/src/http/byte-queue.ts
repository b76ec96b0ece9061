// SPDX-License-Identifier: Apache-2.0
import { Event } from "../host/event.ts";
import type { ByteSource } from "../host/input-stream.ts";
import type { ByteSink } from "../host/output-stream.ts";
import type { PollSource } from "../host/pollable.ts";
import { StreamClosed } from "../host/stream-error.ts";

/** Bytes that are held at most between a guest and the network. */
export const QUEUE_BYTES = 262_144;

const NOTHING: Uint8Array = new Uint8Array(0);

type End = { readonly kind: "finished" } | { readonly kind: "failed"; readonly error: unknown };

/** Bytes on their way between a guest's stream and one of the platform's. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  readonly #changed = new Event();
  #sizeBytes = 0;
  #end: End | undefined;

  get end(): End | undefined {
    return this.#end;
  }

  get capacity(): number {
    return Math.max(0, QUEUE_BYTES - this.#sizeBytes);
  }

  get isEmpty(): boolean {
    return this.#sizeBytes === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#end !== undefined) return;
    this.#chunks.push(bytes);
    this.#sizeBytes += bytes.length;
    this.#changed.notify();
  }

  /** Nothing is pushed after this; what is queued can still be shifted, unless it failed. */
  close(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    if (end.kind === "failed") this.#clear();
    this.#changed.notify();
  }

  /** Up to `limit` bytes; undefined when there are none now. */
  shift(limit: number): Uint8Array | undefined {
    const first = this.#chunks.shift();
    if (first === undefined) return undefined;
    if (first.length > limit) this.#chunks.unshift(first.subarray(limit));
    const taken = first.subarray(0, limit);
    this.#sizeBytes -= taken.length;
    this.#changed.notify();
    return taken;
  }

  /** All of a queue that is finished. */
  drain(): Uint8Array {
    const all = Buffer.concat(this.#chunks);
    this.#clear();
    return all;
  }

  /** Resolves when something changes. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#changed.listen(() => {
        stop();
        resolve();
      });
    });
  }

  /** For a guest that reads. */
  source(onClose: () => void): ByteSource {
    return {
      poll: this.#poll(() => !this.isEmpty || this.#end !== undefined),
      read: (limit) => {
        if (this.isEmpty && this.#end?.kind === "failed") throw this.#end.error;
        if (this.isEmpty && this.#end !== undefined) throw new StreamClosed();
        return limit === 0 ? NOTHING : (this.shift(limit) ?? NOTHING);
      },
      [Symbol.dispose]: onClose,
    };
  }

  /** For a guest that writes. */
  sink(): ByteSink {
    return {
      poll: this.#poll(() => this.capacity > 0 || this.#end !== undefined),
      capacity: () => {
        if (this.#end !== undefined) throw new StreamClosed();
        return this.capacity;
      },
      write: (bytes) => this.push(bytes),
    };
  }

  #poll(isReady: () => boolean): PollSource {
    const listen = (notify: () => void): (() => void) => this.#changed.listen(notify);
    return { wakeup: { kind: "event", listen }, isReady };
  }

  #clear(): void {
    this.#chunks.length = 0;
    this.#sizeBytes = 0;
  }
}
