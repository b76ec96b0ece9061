// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, MalformedWasmError, type WasmSource } from "./binary-reader.ts";

const PREAMBLE_BYTES = 8;
/** A file with more is refused rather than read, for the daemon waits meanwhile; the largest real ones have some hundreds. */
const MAX_SECTIONS = 10_000;

interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The sections of a module or component, whose contents are left to the reader: they fill the file exactly.
 *
 * @throws MalformedWasmError where they do not, when that section is reached.
 */
export function* sections(source: WasmSource, sizeBytes: number): Generator<Section> {
  const reader = new BinaryReader(source, sizeBytes, PREAMBLE_BYTES);
  for (let count = 0; !reader.atEnd; count += 1) {
    if (count === MAX_SECTIONS) throw new MalformedWasmError(`over ${MAX_SECTIONS} sections`);
    const id = reader.byte();
    const length = reader.u32();
    const start = reader.offset;
    reader.seek(start + length);
    yield { id, start, end: start + length };
  }
}
