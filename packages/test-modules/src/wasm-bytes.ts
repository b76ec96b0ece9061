// SPDX-License-Identifier: Apache-2.0
// The binary format of core modules, for those that are made by a program.
// https://webassembly.github.io/spec/core/binary/index.html

export type Bytes = readonly number[];

/** Magic and version, which each module begins with. */
export const PREAMBLE: Bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** LEB128 of an integer from 0 to 2^31-1. */
export function unsigned(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of an i32. */
export function signed(value: number): Bytes {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** A name: its length and its UTF-8. */
export function text(value: string): Bytes {
  return sized([...new TextEncoder().encode(value)]);
}

/** Bytes behind their number. */
export function sized(bytes: Bytes): Bytes {
  return [...unsigned(bytes.length), ...bytes];
}

/** A section that is a vector. */
export function section(id: number, items: readonly Bytes[]): Bytes {
  return [id, ...sized([...unsigned(items.length), ...items.flat()])];
}
