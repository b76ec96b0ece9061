// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestModules, testModule } from "./build.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { TEST_MODULES } from "./modules.ts";

const folder = mkdtempSync(join(tmpdir(), "test-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const built = await buildTestModules(folder);

test("every module is built into a file of its name, and nothing else", () => {
  const files = TEST_MODULES.map(({ name }) => `${name}.wasm`).toSorted();
  expect(readdirSync(folder).toSorted()).toEqual(files);
  expect(built.map(({ path }) => path)).toEqual(TEST_MODULES.map(({ name }) => join(folder, `${name}.wasm`)));
});

test("names are used once", () => {
  expect(new Set(TEST_MODULES.map(({ name }) => name)).size).toBe(TEST_MODULES.length);
});

test("modules compile, broken ones excepted", () => {
  for (const { module, path } of built) {
    expect(WebAssembly.validate(readFileSync(path)), module.name).toBe(module.source.kind !== "bytes");
  }
});

test("testModule() builds what buildTestModules() does", async () => {
  for (const name of ["hello", "wasi-exit", "truncated"]) {
    expect(await testModule(name)).toEqual(new Uint8Array(readFileSync(join(folder, `${name}.wasm`))));
  }
});

test("testModule() throws for a name that there is not", async () => {
  expect(testModule("../hello")).rejects.toThrow('"../hello"');
});

test("each WAT file says in its first line what it shows", () => {
  for (const file of readdirSync(join(import.meta.dir, "wat"))) {
    expect(readFileSync(join(import.meta.dir, "wat", file), "utf8")).toMatch(/^;; [A-Z].*\.\n;; SPDX/);
  }
});

test("known differences name modules that there are", () => {
  const names = new Set(TEST_MODULES.map(({ name }) => name));
  for (const { module } of KNOWN_DIFFERENCES) expect(names.has(module)).toBe(true);
});
