// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { MalformedWasmError } from "./binary-reader.ts";
import { type ComponentInterface, exportsInterface, readComponentInterface } from "./component-interface.ts";
import {
  COMPONENT_PREAMBLE,
  leb,
  MODULE_PREAMBLE,
  name,
  section,
  vector,
  withFile,
  withSparseFile,
} from "./testing/wasm-bytes.ts";

function componentOf(...parts: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array([...COMPONENT_PREAMBLE, ...parts.flat()]);
}

function read(bytes: Uint8Array): ComponentInterface {
  return withFile(bytes, readComponentInterface);
}

const plain = (text: string): readonly number[] => [0, ...name(text)];
const FUNC = [1, 0];
const INSTANCE = [5, 0];

/** Imports and exports spread over sections, with other sections, modules and components between. */
const COMPONENT = componentOf(
  section(7, [1, 0x42, 0]),
  section(10, vector([[...plain("wasi:cli/stdout@0.2.3"), ...INSTANCE]])),
  section(1, [...MODULE_PREAMBLE, 1, 4, 1, 0x60, 0, 0]),
  section(4, [...COMPONENT_PREAMBLE, ...section(11, vector([[...plain("inner"), ...FUNC, 0]]))]),
  section(10, vector([[...plain("log"), 1, 0x85, 1]])),
  section(11, vector([[...plain("wasi:cli/run@0.2.3"), ...INSTANCE, 0]])),
  section(0, [...name("custom"), 1, 2, 3]),
  section(
    11,
    vector([
      [...plain("greet"), ...FUNC, 0],
      [...plain("typed"), ...FUNC, 1, ...FUNC],
    ]),
  ),
);

test("imports and exports of all sections, of the component itself alone", () => {
  expect(read(COMPONENT)).toEqual({
    imports: [
      { name: "wasi:cli/stdout@0.2.3", kind: "instance" },
      { name: "log", kind: "func" },
    ],
    exports: [
      { name: "wasi:cli/run@0.2.3", kind: "instance" },
      { name: "greet", kind: "func" },
      { name: "typed", kind: "func" },
    ],
  });
});

test("every sort of import and export is read past, whatever its type", () => {
  const types: readonly (readonly number[])[] = [
    [0, 0x11, 0x85, 1], // a core module
    [1, 0x85, 1],
    [2, 0, 0x85, 1], // equal to another value
    [2, 1, 0x7f], // any bool
    [3, 0, 0x85, 1], // equal to another type
    [3, 1], // any resource
    [4, 0x85, 1],
    [5, 0x85, 1],
  ];
  const kinds = ["module", "func", "value", "value", "type", "type", "component", "instance"] as const;
  const imported = vector(types.map((type, index) => [...plain(`i${index}`), ...type]));
  expect(read(componentOf(section(10, imported))).imports).toEqual(
    kinds.map((kind, index) => ({ name: `i${index}`, kind })),
  );
  const sorts = [[0, 0x11], [1], [2], [3], [4], [5]];
  const exported = sorts.flatMap((sort, index) => [
    [...plain(`e${index}`), ...sort, 0x85, 1, 0],
    ...types.map((type) => [...plain("typed"), ...sort, 0, 1, ...type]),
  ]);
  const { exports } = read(componentOf(section(11, vector(exported))));
  expect(exports.filter((entry) => entry.name !== "typed")).toEqual(
    (["module", "func", "value", "type", "component", "instance"] as const).map((kind, index) => ({
      name: `e${index}`,
      kind,
    })),
  );
});

test("a name is read in each of its forms, with the rest of its version", () => {
  const attributes = vector([
    [0, ...name("wasi:http/handler")],
    [1, ...name(".3")],
    [2, ...name("id")],
  ]);
  const imports = [
    [0, ...name("a:b/c@1.2.3"), ...INSTANCE],
    [1, ...name("a:b/d@1.2.3"), ...INSTANCE],
    [2, ...name("wasi:cli/run@0.2"), ...attributes, ...INSTANCE],
    [2, ...name("é"), 0, ...INSTANCE],
  ];
  expect(read(componentOf(section(10, vector(imports)))).imports.map((entry) => entry.name)).toEqual([
    "a:b/c@1.2.3",
    "a:b/d@1.2.3",
    "wasi:cli/run@0.2.3",
    "é",
  ]);
});

test("exportsInterface() takes an instance of that name in any version", () => {
  const exporting = (text: string, sort = INSTANCE) =>
    read(componentOf(section(11, vector([[...plain(text), ...sort, 0]]))));
  for (const version of ["", "@0.2.0", "@0.2.3", "@0.3.0-rc-1"])
    expect(exportsInterface(exporting(`wasi:cli/run${version}`), "wasi:cli/run")).toBe(true);
  expect(exportsInterface(exporting("wasi:cli/runner@0.2.3"), "wasi:cli/run")).toBe(false);
  expect(exportsInterface(exporting("wasi:cli/run@0.2.3", FUNC), "wasi:cli/run")).toBe(false);
  expect(exportsInterface(read(COMPONENT), "wasi:http/incoming-handler")).toBe(false);
  // An import is none.
  expect(exportsInterface(read(COMPONENT), "wasi:cli/stdout")).toBe(false);
});

test("a component without sections imports and exports nothing", () => {
  expect(read(componentOf())).toEqual({ imports: [], exports: [] });
});

test("real components", async () => {
  const hello = read(await testModule("component-hello"));
  expect(hello.exports).toEqual([{ name: "wasi:cli/run@0.2.10", kind: "instance" }]);
  expect(hello.imports.map((entry) => entry.name)).toEqual([
    "wasi:io/error@0.2.10",
    "wasi:io/streams@0.2.10",
    "wasi:cli/stdout@0.2.10",
  ]);
  expect(exportsInterface(hello, "wasi:cli/run")).toBe(true);
  expect(read(await testModule("component-export"))).toEqual({
    imports: [],
    exports: [
      { name: "greet", kind: "func" },
      { name: "add", kind: "func" },
    ],
  });
});

/** Offsets between two sections, where a cut leaves a component that is whole. */
function sectionEnds(bytes: Uint8Array): ReadonlySet<number> {
  const ends = new Set([COMPONENT_PREAMBLE.length]);
  for (let offset = COMPONENT_PREAMBLE.length; offset < bytes.length;) {
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[(offset += 1)] ?? 0;
      length += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    offset += 1 + length;
    ends.add(offset);
  }
  return ends;
}

test("a file cut off at any byte that is not between two sections is malformed", async () => {
  for (const bytes of [COMPONENT, await testModule("component-export")]) {
    const ends = sectionEnds(bytes);
    for (let length = COMPONENT_PREAMBLE.length; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      if (ends.has(length)) read(cut);
      else expect(() => read(cut)).toThrow(MalformedWasmError);
    }
  }
});

test("a section cut off at any byte is malformed, though the file is whole", () => {
  const content = vector([
    [2, ...name("wasi:cli/run@0.2"), ...vector([[1, ...name(".3")]]), ...INSTANCE],
    [...plain("r"), 3, 0, 1],
  ]);
  for (let length = 0; length < content.length; length += 1) {
    const bytes = componentOf(section(10, content.slice(0, length)), section(0, [1, 1, 1, 1, 1, 1, 1, 1]));
    expect(() => read(bytes)).toThrow(MalformedWasmError);
  }
});

test("a size that the file does not have is malformed", () => {
  withFile(COMPONENT, (fd, size) => {
    expect(() => readComponentInterface(fd, size + 1)).toThrow(MalformedWasmError);
  });
});

const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];
const MANY = Array.from({ length: 6000 }, () => [...plain("a"), ...FUNC]);

test.each([
  ["2^32-1 imports", section(10, HUGE)],
  ["2^32-1 exports", section(11, HUGE)],
  ["12,000 imports in two sections", [...section(10, vector(MANY)), ...section(10, vector(MANY))]],
  ["a name of 2^32-1 bytes", section(10, [1, 0, ...HUGE, 0x61])],
  ["a name of an unknown form", section(10, vector([[3, ...name("a"), ...FUNC]]))],
  ["2^32-1 attributes", section(10, [1, 2, ...name("a"), ...HUGE])],
  ["an unknown attribute", section(10, vector([[2, ...name("a"), 1, 3, ...name("b"), ...FUNC]]))],
  ["an unknown sort", section(10, vector([[...plain("a"), 6, 0]]))],
  ["a core function", section(11, vector([[...plain("a"), 0, 0, 0, 0]]))],
  ["an unknown bound", section(10, vector([[...plain("a"), 3, 2, 0]]))],
  ["an unknown form of an export's type", section(11, vector([[...plain("a"), ...FUNC, 2]]))],
  ["bytes behind the entries", section(10, [...vector([[...plain("a"), ...FUNC]]), 0])],
  ["a section of 2^32-1 bytes", [10, ...HUGE]],
  ["20,000 sections", Array.from({ length: 20_000 }, () => [0, 0]).flat()],
])("%s: malformed", (_title, content) => {
  expect(() => read(componentOf(content))).toThrow(MalformedWasmError);
});

test("random bytes and random changes of a component give an interface or MalformedWasmError", () => {
  let seed = 1;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  const survives = (bytes: Uint8Array): void => {
    try {
      read(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedWasmError);
    }
  };
  for (let round = 0; round < 400; round += 1) {
    survives(componentOf(Array.from({ length: random(200) }, () => random(256))));
    survives(
      componentOf(
        section(
          10 + random(2),
          Array.from({ length: random(100) }, () => random(8)),
        ),
      ),
    );
    const changed = Uint8Array.from(COMPONENT);
    for (let change = 0; change <= random(4); change += 1)
      changed[COMPONENT_PREAMBLE.length + random(changed.length - COMPONENT_PREAMBLE.length)] = random(256);
    survives(changed);
  }
});

test("a sparse file of gigabytes takes neither its memory nor its time", () => {
  const size = 5 * 1024 ** 3;
  const started = performance.now();
  const before = process.memoryUsage.rss();
  for (const start of [[10, ...leb(2 ** 32 - 1), 1, 0, ...leb(2 ** 32 - 20)], []]) {
    withSparseFile(componentOf(start), size, (fd) => {
      expect(() => readComponentInterface(fd, size)).toThrow(MalformedWasmError);
    });
  }
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 ** 2);
});
