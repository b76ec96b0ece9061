// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/pack.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", () => {
  const { stdout } = Bun.spawnSync([process.execPath, EXAMPLE]);
  expect(stdout.toString()).toBe("containerd.events.TaskExit says 137\n");
});
