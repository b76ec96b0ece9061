// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildTestModules,
  judgeRun,
  TEST_MODULES,
  type TestModule,
  type TestRun,
  writeFixtures,
} from "@runwasi/test-modules";
import type { Kernel } from "./kernel.ts";
import { openKernel } from "./linux-kernel.ts";
import { runCaptured } from "./testing/run-captured.ts";

const folder = mkdtempSync(join(tmpdir(), "wasi-conformance-"));
beforeAll(async () => void (await buildTestModules(folder)), 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const ENOSYS = -38;

/** As on a kernel or under a seccomp profile without openat2. */
function kernelWithoutOpenat2(): Kernel {
  return { ...openKernel(), tryOpenBeneath: () => ENOSYS };
}

async function problems(module: TestModule, run: TestRun, kernel: () => Kernel): Promise<readonly string[]> {
  const top = mkdtempSync(join(folder, "top-"));
  const root = join(top, "root");
  mkdirSync(root);
  writeFileSync(join(top, "outside"), "secret");
  await writeFixtures(root, run.root ?? []);
  const outcome = runCaptured({
    module: readFileSync(join(folder, `${module.name}.wasm`)),
    args: [module.name, ...run.args],
    env: run.env,
    stdin: run.stdin ?? "",
    preopens: run.root === undefined ? [] : [{ hostPath: root, guestPath: "/" }],
    kernel,
  });
  expect(readFileSync(join(top, "outside"), "utf8")).toBe("secret");
  return judgeRun({ engine: "jsc", module, run, outcome });
}

describe("test modules", () => {
  for (const module of TEST_MODULES) {
    for (const run of module.runs) {
      test(`${[module.name, ...run.args].join(" ")}: ${module.description}`, async () => {
        expect(await problems(module, run, openKernel)).toEqual([]);
      });
    }
  }
});

describe("test modules without openat2", () => {
  for (const module of TEST_MODULES) {
    for (const run of module.runs.filter((candidate) => candidate.root !== undefined)) {
      test(`${[module.name, ...run.args].join(" ")}: ${module.description}`, async () => {
        expect(await problems(module, run, kernelWithoutOpenat2)).toEqual([]);
      });
    }
  }
});
