// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

test("the example in the README runs", () => {
  const folder = join(import.meta.dir, "..");
  const [, example = ""] = /```ts\n(.*?)```/s.exec(readFileSync(join(folder, "README.md"), "utf8")) ?? [];
  const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", example], {
    cwd: folder,
    stderr: "inherit",
  });
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toBe("module\nmemory mem\nmalformed\n");
});
