// SPDX-License-Identifier: Apache-2.0

/** Where an outbox writes: the part of `Bun.Socket` that it needs. */
export interface ByteSink {
  /** Takes as many bytes as it can and returns their number, or a negative one when the peer is gone. */
  write(bytes: Uint8Array): number;
}

/**
 * Frames on their way to a socket that takes only part of a write when its peer is slow.
 * It keeps order and sets no limit; whoever fills it watches `queuedBytes`.
 */
export class Outbox {
  readonly #sink: ByteSink;
  #frames: Uint8Array[] = [];
  /** Index of the first unsent frame: removing from the front of a long array one by one is slow. */
  #first = 0;
  #queuedBytes = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Bytes that the socket has not taken yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Sends a frame, or queues what the socket does not take now. Returns false when the peer is gone. */
  send(frame: Uint8Array): boolean {
    if (this.#queuedBytes > 0) {
      this.#queue(frame);
      return true;
    }
    const written = this.#sink.write(frame);
    if (written < 0) {
      return false;
    }
    if (written < frame.length) {
      this.#queue(frame.subarray(written));
    }
    return true;
  }

  /** Continues after the socket's `drain`. Returns false when the peer is gone. */
  flush(): boolean {
    for (;;) {
      const frame = this.#frames[this.#first];
      if (frame === undefined) {
        this.clear();
        return true;
      }
      const written = this.#sink.write(frame);
      if (written < 0) {
        return false;
      }
      this.#queuedBytes -= written;
      if (written < frame.length) {
        this.#frames[this.#first] = frame.subarray(written);
        return true;
      }
      this.#first++;
    }
  }

  /** Forgets what was not sent. */
  clear(): void {
    this.#frames = [];
    this.#first = 0;
    this.#queuedBytes = 0;
  }

  #queue(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#queuedBytes += frame.length;
  }
}
