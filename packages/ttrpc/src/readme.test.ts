// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { join } from "node:path";

const PACKAGE_FOLDER = join(import.meta.dir, "..");

test("the README shows the example program, and it runs", async () => {
  const examplePath = join(PACKAGE_FOLDER, "examples/greeter.ts");
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(examplePath).text(),
  ]);
  const code = example.slice(example.indexOf("\n") + 1);
  expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``);
  const program = Bun.spawn([process.execPath, examplePath], { stdout: "pipe", stderr: "inherit" });
  expect(await program.stdout.text()).toBe("hello, shim\n");
  expect(await program.exited).toBe(0);
});
