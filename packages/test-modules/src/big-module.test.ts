// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { encodeBigModule } from "./big-module.ts";

test("the big module has two megabytes, and every build makes the same", () => {
  const bytes = encodeBigModule();
  expect(bytes.length / 1e6).toBeCloseTo(2, 1);
  expect(bytes).toEqual(encodeBigModule());
});

test("it can be larger, and one that sleeps is WebAssembly too", () => {
  const bytes = encodeBigModule({ megabytes: 3, sleeps: true });
  expect(bytes.length / 1e6).toBeCloseTo(3, 0);
  expect(WebAssembly.Module.imports(new WebAssembly.Module(Uint8Array.from(bytes)))).toEqual([
    { module: "wasi_snapshot_preview1", name: "poll_oneoff", kind: "function" },
  ]);
});
