// SPDX-License-Identifier: Apache-2.0
import { closeSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// https://webassembly.github.io/spec/core/binary/modules.html, written by hand.
export const MODULE_PREAMBLE: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const COMPONENT_PREAMBLE: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** An unsigned LEB128. */
export function leb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...leb(Math.floor(value / 0x80))];
}

export function name(text: string): readonly number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
}

export function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...leb(content.length), ...content];
}

export function vector(entries: readonly (readonly number[])[]): readonly number[] {
  return [...leb(entries.length), ...entries.flat()];
}

export function moduleOf(...sections: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array([...MODULE_PREAMBLE, ...sections.flat()]);
}

/**
 * A module that every engine takes: imports `fd_write` and exports `memory`, `_start` and `extra`, both functions empty,
 * with a custom section.
 */
export const REAL_MODULE: Uint8Array = moduleOf(
  section(1, [2, 0x60, 0, 0, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f]),
  section(2, vector([[...name("wasi_snapshot_preview1"), ...name("fd_write"), 0, 1]])),
  section(3, [2, 0, 0]),
  section(5, [1, 0, 1]),
  section(
    7,
    vector([
      [...name("memory"), 2, 0],
      [...name("_start"), 0, 1],
      [...name("extra"), 0, 2],
    ]),
  ),
  section(10, [2, 2, 0, 0x0b, 2, 0, 0x0b]),
  section(0, [...name("custom"), 1, 2, 3]),
);

/** Calls with an open file of these bytes and its size. */
export function withFile<T>(bytes: Uint8Array, use: (fd: number, sizeBytes: number) => T): T {
  const path = join(tmpdir(), `runwasi-wasm-${process.pid}-${crypto.randomUUID()}`);
  writeFileSync(path, bytes);
  const fd = openSync(path, "r");
  rmSync(path);
  try {
    return use(fd, bytes.length);
  } finally {
    closeSync(fd);
  }
}

/** Calls with a file of gigabytes that holds nothing but its first bytes. */
export function withSparseFile(start: Uint8Array, sizeBytes: number, use: (fd: number) => void): void {
  const path = join(tmpdir(), `runwasi-sparse-${process.pid}-${crypto.randomUUID()}`);
  const fd = openSync(path, "w+");
  rmSync(path);
  try {
    writeSync(fd, start);
    ftruncateSync(fd, sizeBytes);
    use(fd);
  } finally {
    closeSync(fd);
  }
}
