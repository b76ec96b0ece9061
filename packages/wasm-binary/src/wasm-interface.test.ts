// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { MalformedWasmError } from "./binary-reader.ts";
import {
  leb,
  moduleOf,
  name,
  REAL_MODULE,
  section,
  vector,
  withFile,
  withSparseFile,
} from "./testing/wasm-bytes.ts";
import { readWasmInterface, type WasmInterface } from "./wasm-interface.ts";

function read(bytes: Uint8Array): WasmInterface {
  return withFile(bytes, readWasmInterface);
}

/** Reads hostile bytes: an interface or a MalformedWasmError, nothing else, and soon. */
function survives(bytes: Uint8Array): void {
  try {
    read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedWasmError);
  }
}

test("the imports and exports of a module, as the engine itself sees them", () => {
  expect(read(REAL_MODULE)).toEqual({
    imports: [{ module: "wasi_snapshot_preview1", name: "fd_write", kind: "func" }],
    exports: [
      { name: "memory", kind: "memory" },
      { name: "_start", kind: "func" },
      { name: "extra", kind: "func" },
    ],
  });
  const module = new WebAssembly.Module(Buffer.from(REAL_MODULE));
  expect(WebAssembly.Module.exports(module).map((entry) => entry.name)).toEqual([
    "memory",
    "_start",
    "extra",
  ]);
});

test("bytes in memory are read as those of a file", () => {
  expect(readWasmInterface(REAL_MODULE, REAL_MODULE.length)).toEqual(read(REAL_MODULE));
  const cut = REAL_MODULE.subarray(0, -1);
  expect(() => readWasmInterface(cut, cut.length)).toThrow(MalformedWasmError);
  expect(() => readWasmInterface(REAL_MODULE, REAL_MODULE.length + 1)).toThrow(MalformedWasmError);
});

test("every kind of import is read past, whatever its type", () => {
  const entry = (kind: number, type: readonly number[]) => [...name("m"), ...name(`k${kind}`), kind, ...type];
  const types = [
    entry(0, [0x85, 0x01]), // a function of type 133
    entry(1, [0x70, 0, 1]), // funcref, no maximum
    entry(1, [0x63, 0x70, 1, 1, 2]), // a typed reference, with a maximum
    entry(2, [0, 1]),
    entry(2, [1, 1, 2]),
    entry(2, [3, 1, 2]), // shared
    entry(2, [5, ...leb(2 ** 40), ...leb(2 ** 41)]), // 64-bit
    entry(2, [9, 1, 2, 0]), // with a page size
    entry(3, [0x7f, 1]),
    entry(3, [0x64, 0x6e, 0]),
    entry(4, [0, 3]),
    entry(0, [0]),
  ];
  const { imports } = read(moduleOf(section(2, vector(types))));
  const kinds = [
    "func",
    "table",
    "table",
    "memory",
    "memory",
    "memory",
    "memory",
    "memory",
    "global",
    "global",
  ];
  expect(imports.map(({ kind }) => kind)).toEqual([...kinds, "tag", "func"] as never);
});

test("a module without sections imports and exports nothing", () => {
  expect(read(moduleOf())).toEqual({ imports: [], exports: [] });
});

test("a file cut off at any byte that is not between two sections is malformed", () => {
  const ends = new Set([8]);
  for (let offset = 8; offset < REAL_MODULE.length; offset += 2 + (REAL_MODULE[offset + 1] ?? 0))
    ends.add(offset);
  for (let length = 8; length < REAL_MODULE.length; length += 1) {
    const cut = REAL_MODULE.subarray(0, length);
    if (ends.has(length)) read(cut);
    else expect(() => read(cut)).toThrow(MalformedWasmError);
  }
});

test("a size that the file does not have is malformed", () => {
  withFile(REAL_MODULE, (fd, size) => {
    expect(() => readWasmInterface(fd, size + 1)).toThrow(MalformedWasmError);
  });
});

const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];

test.each([
  ["2^32-1 imports", section(2, HUGE)],
  ["2^32-1 exports", section(7, HUGE)],
  ["a name of 2^32-1 bytes", section(7, [1, ...HUGE, 0x61])],
  ["a name that ends after its section", [...section(7, [1, 5, 0x61]), ...section(0, [1, 1, 1, 1, 1, 1])]],
  [
    "entries that end after their section",
    [...section(7, [2, 1, 0x61, 0, 0]), ...section(0, [1, 0x61, 0, 0])],
  ],
  ["a section of 2^32-1 bytes", [7, ...HUGE]],
  ["a number of six bytes", [7, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ["a number over 32 bits", [7, 0xff, 0xff, 0xff, 0xff, 0x1f]],
  ["a number that never ends", [7, ...Array.from({ length: 64 }, () => 0xff)]],
  ["an unknown kind of import", section(2, [1, 0, 0, 9])],
  ["an unknown kind of export", section(7, [1, 0, 0xff, 0])],
  ["a limit of eleven bytes", section(2, [1, 0, 0, 2, 0, ...Array.from({ length: 10 }, () => 0x80), 1])],
  ["two import sections", [...section(2, [0]), ...section(2, [0])]],
  ["two export sections", [...section(7, [0]), ...section(7, [0])]],
  ["20,000 sections", Array.from({ length: 20_000 }, () => [0, 0]).flat()],
])("%s: malformed", (_title, content) => {
  expect(() => read(moduleOf(content))).toThrow(MalformedWasmError);
});

test("random bytes and random changes of a module give an interface or MalformedWasmError", () => {
  let seed = 1;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  for (let round = 0; round < 400; round += 1) {
    survives(moduleOf(Array.from({ length: random(200) }, () => random(256))));
    const changed = Uint8Array.from(REAL_MODULE);
    for (let change = 0; change <= random(4); change += 1)
      changed[8 + random(changed.length - 8)] = random(256);
    survives(changed);
  }
});

test("a sparse file of gigabytes takes neither its memory nor its time", () => {
  const size = 5 * 1024 ** 3;
  const started = performance.now();
  const before = process.memoryUsage.rss();
  const nameOfGigabytes = [...leb(1), ...leb(2 ** 32 - 20)];
  withSparseFile(moduleOf([7, ...leb(2 ** 32 - 1), ...nameOfGigabytes]), size, (fd) => {
    expect(() => readWasmInterface(fd, size)).toThrow(MalformedWasmError);
  });
  withSparseFile(moduleOf(), size, (fd) => {
    // Sections of no bytes to the end of the file.
    expect(() => readWasmInterface(fd, size)).toThrow(MalformedWasmError);
  });
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 ** 2);
});
