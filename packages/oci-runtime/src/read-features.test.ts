// SPDX-License-Identifier: Apache-2.0
import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { readFeatures } from "./read-features.ts";
import { createTemporaryFolder } from "./testing/temporary-folder.ts";

test("a runtime is asked once, until its file is another", async () => {
  using folder = createTemporaryFolder();
  const runtime = folder.script(
    "runtime",
    `echo "$*" >> '${folder.path}/asked'; echo '{ "ociVersionMin": "1.0.0" }'`,
  );
  const asked = () => readFileSync(join(folder.path, "asked"), "utf8");
  for (let time = 0; time < 2; time += 1) {
    expect(await readFeatures(runtime, folder.path, Bun.spawn)).toBe('{"ociVersionMin":"1.0.0"}');
  }
  expect(asked()).toBe("features\n");
  utimesSync(runtime, 1, 1);
  await readFeatures(runtime, folder.path, Bun.spawn);
  expect(asked()).toBe("features\nfeatures\n");
});

test.each([
  ["has no such command", "echo 'unknown command features'; exit 1"],
  ["prints no JSON", "echo no"],
  ["prints no object", "echo '[]'"],
])("a runtime that %s has none, and is asked once", async (_what, body) => {
  using folder = createTemporaryFolder();
  const runtime = folder.script("runtime", `echo asked >> '${folder.path}/asked'; ${body}`);
  for (let time = 0; time < 2; time += 1) {
    expect(await readFeatures(runtime, folder.path, Bun.spawn)).toBeUndefined();
  }
  expect(readFileSync(join(folder.path, "asked"), "utf8")).toBe("asked\n");
});
