// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "./testing/temporary-folder.ts";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/spec-version.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", () => {
  using folder = createTemporaryFolder();
  const runtime = folder.script("runtime", 'echo "spec: 1.0.2-dev"');
  const { stdout } = Bun.spawnSync([process.execPath, EXAMPLE, runtime]);
  expect(stdout.toString()).toBe("a spec of version 1.2.1 goes to it as 1.0.2\n");
});
