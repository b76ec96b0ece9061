// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TEST_COMPONENTS } from "./components.ts";
import { TEST_MODULES } from "./modules.ts";

const folder = join(import.meta.dir, "..");
const readme = readFileSync(join(folder, "README.md"), "utf8");

test("the example in the README runs", () => {
  const [, example = ""] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", example], {
    cwd: folder,
    stderr: "inherit",
  });
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toBe("true 0\n");
});

test("the README names every module and component", () => {
  for (const { name } of [...TEST_MODULES, ...TEST_COMPONENTS]) expect(readme).toContain(`\`${name}\``);
});
