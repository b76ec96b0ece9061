// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { compiledKey, type CompiledFrom } from "./compiled-key.ts";
import { tellingLines } from "./cpu-features.ts";

const FROM: CompiledFrom = {
  module: "sha256:00",
  engine: "wasmtime",
  version: "48.0.8",
  cpu: "flags: sse2 avx",
  closure: ["aa", "bb"],
  args: ["compile", "-Ccache=n"],
  env: [],
};

test("a key is the same on every host and in every release until its version is raised", () => {
  expect(compiledKey(FROM)).toEqual({
    engine: "wasmtime",
    module: "sha256:00",
    id: "29096b8ccd01f9f2f75616cd0a321603ce1116f2fa24734aa1c6bdc3a0f8e9f9",
  });
});

test.each<Partial<CompiledFrom>>([
  { module: "sha256:01" },
  { engine: "wasmer" },
  { version: "48.0.9" },
  { cpu: "flags: sse2" },
  { closure: ["aa", "bc"] },
  { closure: ["aa"] },
  { args: ["compile", "-Ccache=n", "-Wfuel=1"] },
  { args: ["compile -Ccache=n"] },
  { env: ["A=b"] },
])("another %p is another key", (difference) => {
  expect(compiledKey({ ...FROM, ...difference }).id).not.toBe(compiledKey(FROM).id);
});

test("the order in which the loader lists libraries does not matter", () => {
  expect(compiledKey({ ...FROM, closure: ["bb", "aa"] })).toEqual(compiledKey(FROM));
});

test("of a CPU, what it can execute: not its speed, nor the other processors", () => {
  const x86 =
    "processor\t: 0\nvendor_id\t: Intel\nmodel\t\t: 143\ncpu MHz\t\t: 2100.000\nflags\t\t: fpu avx\n\n";
  expect(tellingLines(`${x86}processor\t: 1\nflags\t\t: fpu\n`)).toBe(
    "vendor_id: Intel\nmodel: 143\nflags: fpu avx",
  );
  const arm = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU part\t: 0xd0c\n";
  expect(tellingLines(arm)).toBe("Features: fp asimd\nCPU part: 0xd0c");
});
