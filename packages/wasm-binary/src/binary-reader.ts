// SPDX-License-Identifier: Apache-2.0
import { readSync } from "node:fs";

/** How much is read at a time: import and export sections are small, code sections are skipped. */
const CHUNK_BYTES = 64 * 1024;

/** Thrown where the file ends or says what the binary format does not allow. */
export class MalformedWasmError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedWasmError";
  }
}

/** Where a binary is: an open file, or memory that does not change meanwhile. */
export type WasmSource = number | Uint8Array;

/**
 * Reads a Wasm binary, or the part of one that ends at `endOffset`: from a file a chunk at a time, forward only. Memory
 * use grows with the longest name, which the part holds, and not with the file.
 */
export class BinaryReader {
  readonly #source: WasmSource;
  readonly #endOffset: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #chunkStart = 0;
  #offset: number;

  constructor(source: WasmSource, endOffset: number, offset: number) {
    this.#source = source;
    this.#endOffset = endOffset;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#endOffset;
  }

  byte(): number {
    if (this.atEnd) throw this.#truncated();
    const byte = this.#chunk[this.#offset - this.#chunkStart] ?? this.#refill();
    this.#offset += 1;
    return byte;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new MalformedWasmError(`number over 32 bits at offset ${this.#offset}`);
  }

  /** A string of the format: its length and that many bytes of UTF-8. */
  name(): string {
    const length = this.u32();
    if (this.#offset + length > this.#endOffset) throw this.#truncated();
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = this.byte();
    return new TextDecoder().decode(bytes);
  }

  /** Moves on to an offset of the file. */
  seek(offset: number): void {
    if (offset > this.#endOffset) throw this.#truncated();
    this.#offset = offset;
  }

  #refill(): number {
    this.#chunk = readChunk(this.#source, this.#offset);
    this.#chunkStart = this.#offset;
    const [first] = this.#chunk;
    if (first === undefined) throw this.#truncated();
    return first;
  }

  #truncated(): MalformedWasmError {
    return new MalformedWasmError(
      `the file is truncated or malformed: byte ${this.#endOffset} ends it, or a section, too early`,
    );
  }
}

function readChunk(source: WasmSource, offset: number): Uint8Array {
  if (typeof source !== "number") return source.subarray(offset);
  const chunk = new Uint8Array(CHUNK_BYTES);
  return chunk.subarray(0, readSync(source, chunk, 0, CHUNK_BYTES, offset));
}
