// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "../component-error.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** Reads the primitives of the binary format; throws `bad-component` at the first byte that does not fit. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  #at = 0;

  /** `offset` is where `bytes` begin in the component, for messages. */
  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte, not consumed; undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at];
  }

  u8(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.fail("it ends too early");
    this.#at += 1;
    return byte;
  }

  u32(): number {
    return Number(BigInt.asUintN(32, this.#leb(5)));
  }

  /** A signed LEB128 of 33 bits: https://webassembly.github.io/spec/core/binary/types.html#heap-types */
  s33(): number {
    const start = this.#at;
    const value = this.#leb(5);
    return Number(BigInt.asIntN(7 * (this.#at - start), value));
  }

  take(sizeBytes: number): Uint8Array {
    if (this.#at + sizeBytes > this.#bytes.length) throw this.fail("it ends too early");
    const taken = this.#bytes.subarray(this.#at, this.#at + sizeBytes);
    this.#at += sizeBytes;
    return taken;
  }

  /** The content of a section or of anything else that is preceded by its size. */
  sized(): ByteReader {
    const sizeBytes = this.u32();
    const offset = this.#offset + this.#at;
    return new ByteReader(this.take(sizeBytes), offset);
  }

  name(): string {
    try {
      return UTF8.decode(this.take(this.u32()));
    } catch (error) {
      throw error instanceof ComponentError ? error : this.fail("a name is not UTF-8");
    }
  }

  vector<Item>(read: () => Item): Item[] {
    const items: Item[] = [];
    for (let left = this.u32(); left > 0; left -= 1) items.push(read());
    return items;
  }

  option<Item>(read: () => Item): Item | undefined {
    switch (this.u8()) {
      case 0:
        return undefined;
      case 1:
        return read();
      default:
        throw this.fail("an option is neither there nor not");
    }
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  fail(reason: string): ComponentError {
    return new ComponentError(
      "bad-component",
      `cannot decode component: at byte ${this.#offset + this.#at}: ${reason}`,
    );
  }

  /** What a newer or optional part of the format begins with. */
  unknown(what: string, code: number): ComponentError {
    const at = this.#offset + this.#at;
    return new ComponentError(
      "unsupported",
      `cannot decode component: at byte ${at}: ${what} 0x${code.toString(16)}`,
    );
  }

  #leb(maxBytes: number): bigint {
    let value = 0n;
    for (let index = 0; index < maxBytes; index += 1) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if ((byte & 0x80) === 0) return value;
    }
    throw this.fail("a number is too long");
  }
}
