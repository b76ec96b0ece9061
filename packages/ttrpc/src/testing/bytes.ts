// SPDX-License-Identifier: Apache-2.0

/** Bytes from hexadecimal; spaces are for the reader. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

/** A repeatable stream of numbers from 0 to below `limit` (mulberry32), so that a failing random test fails again. */
export function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** That many random bytes. */
export function randomBytes(random: (limit: number) => number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random(256));
}
