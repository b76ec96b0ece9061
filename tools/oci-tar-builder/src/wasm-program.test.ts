// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { BuildError } from "./build-error.ts";
import { parseProgram } from "./wasm-program.ts";

const text = (content: string) => new TextEncoder().encode(content);

/** What is said against some bytes. */
async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await parseProgram(bytes, "the file");
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    expect(error.kind).toBe("input");
    expect(error.message).toContain('"the file"');
    return error.message;
  }
  throw new Error("it is not refused");
}

test("modules and components are taken as they are", async () => {
  const hello = await testModule("hello");
  expect(await parseProgram(hello, "x")).toEqual({ kind: "module", bytes: hello });
  const component = await testModule("component-hello");
  expect(await parseProgram(component, "x")).toMatchObject({
    kind: "component",
    bytes: component,
    interface: { exports: [{ name: "wasi:cli/run@0.2.10" }] },
  });
});

test("text is assembled, of a module and of a component", async () => {
  const module = await parseProgram(text('(; a ;) (module (func (export "f")))'), "x");
  expect(module.kind).toBe("module");
  expect(WebAssembly.validate(new Uint8Array(module.bytes))).toBe(true);
  expect((await parseProgram(text("(component)"), "x")).kind).toBe("component");
});

test("what is no WebAssembly is refused with what it is", async () => {
  expect(await refusal(new Uint8Array(0))).toContain("it is empty");
  expect(await refusal(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2))).toContain("native program");
  expect(await refusal(text("#!/bin/sh\n"))).toContain("native program or a script");
  expect(await refusal(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1))).toContain("truncated (5 bytes");
  expect(await refusal(Uint8Array.of(0x1f, 0x8b, 8))).toContain("the bytes 1f 8b 08");
});

test("a module and a component cut off anywhere in their sections are refused", async () => {
  for (const name of ["hello", "component-hello"]) {
    const whole = await testModule(name);
    for (const missing of [1, 2, 3, 7]) await refusal(whole.subarray(0, -missing));
  }
  expect(await refusal(await testModule("truncated"))).toContain("truncated");
});

test("text that is wrong is refused with line and column", async () => {
  expect(await refusal(text("(module\n  (func nope))"))).toEndWith(
    "line 2, column 9: unknown operator or unexpected token",
  );
  expect(await refusal(text("(module "))).toContain("line 1, column 9: expected `)`");
  expect(await refusal(Uint8Array.of(...text("(module "), 0xff))).toContain("not UTF-8");
});
