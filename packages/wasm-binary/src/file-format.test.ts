// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { detectFormat, HEADER_BYTES } from "./file-format.ts";
import { COMPONENT_PREAMBLE, MODULE_PREAMBLE } from "./testing/wasm-bytes.ts";

const text = (content: string) => new TextEncoder().encode(content);

test.each([
  [new Uint8Array([0x7f, 0x45, 0x4c, 0x46]), "native"],
  [text("#!/bin/sh\n"), "native"],
  [text("#!"), "native"],
  [new Uint8Array(MODULE_PREAMBLE), "module"],
  [new Uint8Array(COMPONENT_PREAMBLE), "component"],
  [text("(module)"), "text"],
  [text("  \n;; a comment\n(; a block ;)(module $name\n"), "text"],
  [text("(component "), "text"],
  [new Uint8Array(0), "unknown"],
  [text("#"), "unknown"],
  [new Uint8Array([0x7f, 0x45, 0x4c]), "unknown"],
  [text("(modulex"), "unknown"],
  [text("(define x 1)"), "unknown"],
  [text("; a lisp\n(module)"), "unknown"],
  [text("module"), "unknown"],
])("detectFormat %#: %p", (bytes, format) => {
  expect<string>(detectFormat(bytes)).toBe(format);
});

test("a Wasm preamble cut off is truncated once its magic is there, and one of another version no Wasm", () => {
  for (let length = 0; length < 8; length += 1) {
    const format = detectFormat(new Uint8Array(MODULE_PREAMBLE).subarray(0, length));
    expect(format).toBe(length < 4 ? "unknown" : "truncated");
  }
  expect(detectFormat(new Uint8Array([...MODULE_PREAMBLE.slice(0, 4), 2, 0, 0, 0]))).toBe("unknown");
});

test("a header made to keep the matcher busy takes no time", () => {
  const started = performance.now();
  for (const part of [" ", ";;\n", "(;;)", "(;", "(; ;", "(;;;)", ";;"]) {
    const header = text(part.repeat(HEADER_BYTES)).subarray(0, HEADER_BYTES);
    expect(detectFormat(header)).toBe("unknown");
  }
  expect(performance.now() - started).toBeLessThan(200);
});
