// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";

/** A guest's memory; whatever lies outside it traps. Views are made again when the memory has grown. */
export class LinearMemory {
  readonly #memory: WebAssembly.Memory | undefined;
  #bytes: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
  #view: DataView<ArrayBufferLike> = new DataView(this.#bytes.buffer);

  /** Without a memory nothing is inside. (One of its own would cost a reservation of address space.) */
  constructor(memory: WebAssembly.Memory | undefined) {
    this.#memory = memory;
  }

  get view(): DataView<ArrayBufferLike> {
    this.#refresh();
    return this.#view;
  }

  /** A window on the guest's bytes, not a copy; it is stale after the guest has run. */
  slice(pointer: number, sizeBytes: number): Uint8Array<ArrayBufferLike> {
    this.#refresh();
    this.check(pointer, sizeBytes, 1);
    return this.#bytes.subarray(pointer, pointer + sizeBytes);
  }

  /** Traps unless a range is aligned and inside. */
  check(pointer: number, sizeBytes: number, alignment: number): void {
    this.#refresh();
    if (pointer % alignment !== 0) throw trap("a pointer is not aligned");
    if (pointer + sizeBytes > this.#bytes.length) throw trap("a pointer is outside the memory");
  }

  #refresh(): void {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
