// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";
import { startFakeContainerd } from "./testing/fake-containerd.ts";

const PACKAGE_FOLDER = join(import.meta.dir, "..");
const EXAMPLE = join(PACKAGE_FOLDER, "examples/image-of.ts");

test("the README shows the example program", async () => {
  const [readme, example] = await Promise.all([
    Bun.file(join(PACKAGE_FOLDER, "README.md")).text(),
    Bun.file(EXAMPLE).text(),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${example.slice(example.indexOf("\n") + 1)}\`\`\``);
});

test("the example program runs", async () => {
  const target = { mediaType: "", digest: `sha256:${"0".repeat(64)}`, size: 2n };
  using containerd = await startFakeContainerd({
    blobs: new Map(),
    contentRoot: "/content",
    containers: new Map([["one", "example.org/app:1"]]),
    images: new Map([["example.org/app:1", target]]),
  });
  const run = async (id: string) => {
    const program = Bun.spawn([process.execPath, EXAMPLE, containerd.address, id], { stdout: "pipe" });
    return await new Response(program.stdout).text();
  };
  expect(await run("one")).toBe("one is of example.org/app:1\ncontent lies in /content\n");
  expect(await run("two")).toBe("NOT_FOUND: Get: not found\n");
});
