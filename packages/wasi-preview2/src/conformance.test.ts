// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  judgeRun,
  TEST_MODULES,
  type TestModule,
  type TestRun,
  testModule,
  writeFixtures,
} from "@runwasi/test-modules";
import { runCaptured } from "./testing/run-captured.ts";

const folder = mkdtempSync(join(tmpdir(), "preview2-conformance-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function problems(module: TestModule, run: TestRun): Promise<readonly string[]> {
  const top = mkdtempSync(join(folder, "top-"));
  const root = join(top, "root");
  mkdirSync(root);
  writeFileSync(join(top, "outside"), "secret");
  await writeFixtures(root, run.root ?? []);
  const outcome = await runCaptured({
    component: await testModule(module.name),
    args: [module.name, ...run.args],
    env: run.env,
    stdin: run.stdin ?? "",
    preopens: run.root === undefined ? [] : [{ hostPath: root, guestPath: "/" }],
  });
  expect(readFileSync(join(top, "outside"), "utf8")).toBe("secret");
  return judgeRun({ engine: "jsc", module, run, outcome });
}

const components = TEST_MODULES.filter(({ source }) => source.kind.startsWith("component-"));

describe("test components", () => {
  for (const module of components) {
    for (const run of module.runs) {
      const title = `${[module.name, ...run.args].join(" ")}: ${module.description}`;
      test(title, async () => expect(await problems(module, run)).toEqual([]), 60_000);
    }
  }
});
