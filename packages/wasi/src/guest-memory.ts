// SPDX-License-Identifier: Apache-2.0
import { ERRNO, WasiErrno } from "./errno.ts";

/**
 * Checked access to a guest's linear memory.
 *
 * Pointers and lengths come from the guest as any number; they are taken as unsigned 32 bit. Whatever lies
 * outside the memory ends the call with `FAULT`, as does everything before `attach`. Views are made again
 * after `memory.grow`, which detaches the old ones, so none may be kept across a return to the guest.
 */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  /** Names the memory to use; a module's own memory exists only once it is instantiated. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** All of the memory as it is now. */
  get bytes(): Uint8Array {
    const buffer = this.#memory?.buffer;
    if (buffer !== undefined && buffer !== this.#bytes.buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    return this.#bytes;
  }

  /** The offset of a range that lies inside the memory. */
  range(pointer: number, sizeBytes: number): number {
    const start = pointer >>> 0;
    if (start + (sizeBytes >>> 0) > this.bytes.length) throw new WasiErrno(ERRNO.FAULT);
    return start;
  }

  /** A window on the guest's bytes, not a copy. */
  slice(pointer: number, sizeBytes: number): Uint8Array {
    const start = this.range(pointer, sizeBytes);
    return this.#bytes.subarray(start, start + (sizeBytes >>> 0));
  }

  u8(pointer: number): number {
    const start = this.range(pointer, 1);
    return this.#view.getUint8(start);
  }

  u16(pointer: number): number {
    const start = this.range(pointer, 2);
    return this.#view.getUint16(start, true);
  }

  u32(pointer: number): number {
    const start = this.range(pointer, 4);
    return this.#view.getUint32(start, true);
  }

  u64(pointer: number): bigint {
    const start = this.range(pointer, 8);
    return this.#view.getBigUint64(start, true);
  }

  setU32(pointer: number, value: number): void {
    const start = this.range(pointer, 4);
    this.#view.setUint32(start, value, true);
  }

  setU64(pointer: number, value: bigint): void {
    const start = this.range(pointer, 8);
    this.#view.setBigUint64(start, value, true);
  }

  set(pointer: number, bytes: Uint8Array): void {
    const start = this.range(pointer, bytes.length);
    this.#bytes.set(bytes, start);
  }
}
