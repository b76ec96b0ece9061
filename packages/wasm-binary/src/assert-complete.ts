// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, MalformedWasmError, type WasmSource } from "./binary-reader.ts";
import { sections } from "./sections.ts";

/** Sections that announce how many entries another one has. */
const ANNOUNCED = [
  { what: "functions", id: 3, by: 10 },
  { what: "data segments", id: 12, by: 11 },
] as const;

/**
 * Checks that a core module has the bodies of its functions and the data it announces: one that was cut off between two
 * sections has not, though its sections fill the file.
 *
 * @throws MalformedWasmError when something is missing.
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-module
 */
export function assertComplete(source: WasmSource, sizeBytes: number): void {
  const counts = new Map<number, number>();
  for (const { id, start, end } of sections(source, sizeBytes)) {
    if (ANNOUNCED.some((pair) => pair.id === id || pair.by === id))
      counts.set(id, new BinaryReader(source, end, start).u32());
  }
  for (const { what, id, by } of ANNOUNCED) {
    const announced = counts.get(id);
    const present = counts.get(by) ?? 0;
    if (announced !== undefined && announced !== present)
      throw new MalformedWasmError(`the file is truncated or malformed: ${present} of ${announced} ${what}`);
  }
}
