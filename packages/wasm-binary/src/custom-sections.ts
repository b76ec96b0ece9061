// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, type WasmSource } from "./binary-reader.ts";
import { sections } from "./sections.ts";

const CUSTOM_SECTION = 0;

/**
 * Whether a module or component has, on its own level, a custom section of one of these names.
 *
 * @throws MalformedWasmError for a file that is not made of sections.
 */
export function hasCustomSection(source: WasmSource, sizeBytes: number, names: readonly string[]): boolean {
  for (const { id, start, end } of sections(source, sizeBytes)) {
    if (id === CUSTOM_SECTION && names.includes(new BinaryReader(source, end, start).name())) return true;
  }
  return false;
}
