// SPDX-License-Identifier: Apache-2.0
import { FRAME_BODY_MAX_BYTES, FRAME_HEADER_BYTES, type Frame } from "./frame.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

const EMPTY = new Uint8Array(0);

/**
 * Cuts a byte stream into frames, however the stream was chopped.
 *
 * A body that lies within one chunk is a view of it, not a copy; so chunks must not be changed after `push`.
 * Memory held is what was pushed and not read yet, plus at most one frame.
 */
export class FrameReader {
  readonly #chunks: Uint8Array[] = [];
  /** How much of the first chunk is read. */
  #offset = 0;
  readonly #header = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES));
  #headerBytes = 0;
  /** A body that spans chunks, filled up to `#bodyBytes`. */
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  /** After `next` returned `undefined`: whether a part of a frame is there, so that something is lost if the stream ends. */
  get insideFrame(): boolean {
    return this.#headerBytes > 0;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
    }
  }

  /**
   * The next whole frame, or `undefined` when more bytes are needed.
   * Throws ResourceExhausted for a length over the limit; the stream cannot be read any further then.
   */
  next(): Frame | undefined {
    if (this.#headerBytes < FRAME_HEADER_BYTES && !this.#readHeader()) {
      return undefined;
    }
    const body = this.#readBody(this.#header.getUint32(0));
    if (body === undefined) {
      return undefined;
    }
    this.#headerBytes = 0;
    this.#body = undefined;
    return {
      streamId: this.#header.getUint32(4),
      type: this.#header.getUint8(8),
      flags: this.#header.getUint8(9),
      body,
    };
  }

  #readHeader(): boolean {
    this.#headerBytes += this.#copyInto(new Uint8Array(this.#header.buffer, this.#headerBytes));
    if (this.#headerBytes < FRAME_HEADER_BYTES) {
      return false;
    }
    const bodyBytes = this.#header.getUint32(0);
    if (bodyBytes > FRAME_BODY_MAX_BYTES) {
      throw new TtrpcError(
        StatusCode.ResourceExhausted,
        `cannot read frame of stream ${this.#header.getUint32(4)}: it announces ${bodyBytes} bytes (at most ${FRAME_BODY_MAX_BYTES})`,
      );
    }
    return true;
  }

  #readBody(bodyBytes: number): Uint8Array | undefined {
    if (bodyBytes === 0) {
      return EMPTY;
    }
    if (this.#body === undefined) {
      const chunk = this.#chunks[0];
      if (chunk !== undefined && chunk.length - this.#offset >= bodyBytes) {
        const body = chunk.subarray(this.#offset, this.#offset + bodyBytes);
        this.#advance(chunk, bodyBytes);
        return body;
      }
      // Not zeroed, so a header alone costs no resident memory; it is handed out only when full.
      this.#body = Buffer.allocUnsafeSlow(bodyBytes);
      this.#bodyBytes = 0;
    }
    this.#bodyBytes += this.#copyInto(this.#body.subarray(this.#bodyBytes));
    return this.#bodyBytes === bodyBytes ? this.#body : undefined;
  }

  /** Moves bytes from the chunks into `target`, as many as there are, and returns how many. */
  #copyInto(target: Uint8Array): number {
    let copied = 0;
    while (copied < target.length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) {
        break;
      }
      const size = Math.min(target.length - copied, chunk.length - this.#offset);
      target.set(chunk.subarray(this.#offset, this.#offset + size), copied);
      copied += size;
      this.#advance(chunk, size);
    }
    return copied;
  }

  #advance(chunk: Uint8Array, size: number): void {
    this.#offset += size;
    if (this.#offset === chunk.length) {
      this.#chunks.shift();
      this.#offset = 0;
    }
  }
}
