// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { readSpec } from "./bundle-spec.ts";
import { rejection } from "./testing/rejection.ts";

test("readSpec() tells a bundle that is missing from a config.json that is", async () => {
  using folder = createTemporaryFolder();
  const absent = join(folder.path, "absent");
  const noBundle = await rejection(() => readSpec(absent));
  expect(noBundle).toMatchObject({
    code: "NotFound",
    message: expect.stringContaining(`bundle "${absent}"`),
  });
  const noConfig = await rejection(() => readSpec(folder.path));
  expect(noConfig.code).toBe("NotFound");
  expect(noConfig.message).toContain(join(folder.path, "config.json"));
});

test("readSpec() answers InvalidArgument for a broken config.json, cut off at any byte", async () => {
  using folder = createTemporaryFolder();
  const text = '{"ociVersion":"1.0.0","process":{"cwd":"/","args":["x"]}}';
  for (let length = 0; length < text.length; length += 1) {
    writeFileSync(join(folder.path, "config.json"), text.slice(0, length));
    expect((await rejection(() => readSpec(folder.path))).code).toBe("InvalidArgument");
  }
  writeFileSync(join(folder.path, "config.json"), new Uint8Array([0xff, 0xfe, 0x00]));
  expect((await rejection(() => readSpec(folder.path))).message).toContain("config.json");
});

test("readSpec() answers Internal for a config.json that cannot be read", async () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "config.json"));
  expect((await rejection(() => readSpec(folder.path))).code).toBe("Internal");
});
