// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/engine.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", () => {
  const run = (argv0: string) => Bun.spawnSync([process.execPath, EXAMPLE, "-v"], { argv0 });
  expect(run("/usr/local/bin/containerd-shim-myengine-v1").stdout.toString()).toContain("Version:  0.1.0");
  const other = run("containerd-shim-other-v1");
  expect(other.exitCode).toBe(1);
  expect(other.stderr.toString()).toContain("containerd-shim-myengine-v1");
});
