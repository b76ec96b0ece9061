// SPDX-License-Identifier: Apache-2.0
// The modules expect what the real wasmtime does, or the difference is a known one. Needs `npm run engines`.
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wasmtimeBin } from "../../../scripts/toolchain/wasmtime.ts";
import { buildTestComponents, buildTestModules } from "../src/build.ts";
import { TEST_COMPONENTS } from "../src/components.ts";
import { writeFixtures } from "../src/fixtures.ts";
import { judgeRun, type RunOutcome } from "../src/judge.ts";
import { TEST_MODULES } from "../src/modules.ts";
import type { TestModule, TestRun } from "../src/test-module.ts";

const WASMTIME = join(wasmtimeBin(), "wasmtime");
const folder = mkdtempSync(join(tmpdir(), "test-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

await buildTestModules(folder);
await buildTestComponents(folder);

/** Runs a module with the wasmtime of the toolchain. */
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

for (const module of [...TEST_MODULES, ...TEST_COMPONENTS]) {
  for (const run of module.runs) {
    test(`${[module.name, ...run.args].join(" ")}: ${module.description}`, async () => {
      const outcome = await runOnWasmtime(module, run);
      expect(judgeRun({ engine: "wasmtime", module, run, outcome })).toEqual([]);
    });
  }
}
