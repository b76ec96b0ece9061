// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./harness/command.ts";
import { CONTAINERDS, SHIMS } from "./harness/runtimes.ts";

test("the example in the README runs", async () => {
  const readme = await readFile(join(import.meta.dir, "../README.md"), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(example).toContain("runContainer(");
  const code = example
    .replace('"@runwasi/e2e"', JSON.stringify(join(import.meta.dir, "index.ts")))
    .replace('"2.4.2"', JSON.stringify(CONTAINERDS[0]))
    .replace('"jsc"', JSON.stringify(SHIMS[0]));
  const folder = await mkdtemp(join(tmpdir(), "runwasi-readme-"));
  try {
    await writeFile(join(folder, "example.ts"), `${code}process.stdout.write(stdout);\n`);
    expect(await mustRun([process.execPath, join(folder, "example.ts")])).toBe("hello\n");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
