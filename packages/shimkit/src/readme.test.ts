// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";
import { RuntimeInfo } from "@runwasi/containerd-api/gen/types/introspection.ts";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/native-shim.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", () => {
  const run = (...argv: string[]) => Bun.spawnSync([process.execPath, EXAMPLE, ...argv], { stdin: "ignore" });
  expect(run("-v").stdout.toString()).toContain("Version:  0.1.0");
  expect(RuntimeInfo.decode(run("-info").stdout)).toMatchObject({
    name: "io.containerd.native.v1",
    version: { version: "0.1.0" },
  });
  const refused = run("-unknown", "start");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr.toString()).toMatch(/^io\.containerd\.native\.v1: .*-unknown/);
  expect(run("-namespace", "default", "start").stderr.toString()).toContain("-id");
});
