// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/spec.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", () => {
  const { stdout } = Bun.spawnSync([process.execPath, EXAMPLE]);
  expect(stdout.toString()).toBe(
    '{"ociVersion":"1.0.0","process":{"cwd":"/","args":["/app.wasm"],' +
      '"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615}]}}\n' +
      '"args" is not an array of strings\n',
  );
});
