// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { hasCustomSection } from "./custom-sections.ts";

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const custom = (name: string) => [0, name.length + 2, name.length, ...Buffer.from(name), 0xff];
const MEMORY = [5, 3, 1, 0, 1];
const has = (bytes: readonly number[], ...names: readonly string[]) => {
  const file = Uint8Array.from(bytes);
  return hasCustomSection(file, file.length, names);
};

test("a custom section is found by its whole name, wherever it is", () => {
  expect(has([...PREAMBLE, ...MEMORY, ...custom("wasmedge")], "wasmedge")).toBe(true);
  expect(has([...PREAMBLE, ...custom("name"), ...custom("wasmedge"), ...MEMORY], "wasmedge")).toBe(true);
  expect(has([...PREAMBLE, ...custom("wasmedge2"), ...MEMORY], "wasmedge")).toBe(false);
  expect(has([...PREAMBLE, ...custom("wasmedge")])).toBe(false);
  expect(has(PREAMBLE, "wasmedge")).toBe(false);
});

test("truncated at every offset it is an error or not there", () => {
  const file = [...PREAMBLE, ...MEMORY, ...custom("wasmedge")];
  for (let length = PREAMBLE.length; length < file.length; length += 1) {
    const cut = () => has(file.slice(0, length), "wasmedge");
    if (length === PREAMBLE.length || length === PREAMBLE.length + MEMORY.length) expect(cut()).toBe(false);
    else expect(cut).toThrow();
  }
});
