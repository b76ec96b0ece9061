// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { assertComplete } from "./assert-complete.ts";
import { MalformedWasmError } from "./binary-reader.ts";
import { moduleOf, REAL_MODULE, section } from "./testing/wasm-bytes.ts";

const check = (bytes: Uint8Array) => assertComplete(bytes, bytes.length);

test("real modules are complete, with and without code and data", async () => {
  check(REAL_MODULE);
  check(moduleOf());
  for (const name of ["hello", "args", "readfile"]) check(await testModule(name));
});

test("functions without bodies, bodies without functions announced, and data that is not there", () => {
  const functions = section(3, [2, 0, 0]);
  const body = [2, 0, 0x0b];
  const incomplete = [
    [functions],
    [functions, section(10, [1, ...body])],
    [section(12, [1])],
    [section(12, [2]), section(11, [1, 1, 0])],
  ];
  for (const sections of incomplete) expect(() => check(moduleOf(...sections))).toThrow(MalformedWasmError);
  check(moduleOf(section(3, [0])));
  check(moduleOf(section(12, [1]), section(11, [1, 1, 0])));
});

test("a module cut off between its sections is found, as far as it announces what follows", () => {
  const codeAt = REAL_MODULE.length - (2 + 10) - (2 + 7);
  expect(REAL_MODULE[codeAt]).toBe(10);
  expect(() => check(REAL_MODULE.subarray(0, codeAt))).toThrow(MalformedWasmError);
});
