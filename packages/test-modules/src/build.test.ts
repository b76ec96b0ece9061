// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { buildTestModules, testModule } from "./build.ts";
import { writeFixtures } from "./fixtures.ts";
import { judgeRun, type RunOutcome } from "./judge.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { TEST_MODULES } from "./modules.ts";
import type { TestModule, TestRun } from "./test-module.ts";

const WASMTIME = Bun.which("wasmtime") ?? join(homedir(), ".cache/runwasi/wasmtime-48.0.8/bin/wasmtime");
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

/** Runs a module with the wasmtime of this machine. */
async function runOnWasmtime(module: TestModule, run: TestRun): Promise<RunOutcome> {
  const top = mkdtempSync(join(tmpdir(), "test-modules-root-"));
  const root = join(top, "root");
  mkdirSync(root);
  await writeFixtures(root, run.root ?? []);
  const options = run.root === undefined ? [] : ["--dir", `${root}::/`];
  const variables = run.env.flatMap((variable) => ["--env", variable]);
  const file = join(folder, `${module.name}.wasm`);
  const { exitCode, stdout, stderr } = Bun.spawnSync({
    cmd: [WASMTIME, "run", "-C", "cache=n", ...options, ...variables, file, ...run.args],
    stdin: Buffer.from(run.stdin ?? ""),
  });
  rmSync(top, { recursive: true });
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe.skipIf(!existsSync(WASMTIME))("on wasmtime", () => {
  for (const module of TEST_MODULES) {
    for (const run of module.runs) {
      test(`${[module.name, ...run.args].join(" ")}: ${module.description}`, async () => {
        const outcome = await runOnWasmtime(module, run);
        expect(judgeRun({ engine: "wasmtime", module, run, outcome })).toEqual([]);
      });
    }
  }
});
