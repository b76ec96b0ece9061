// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingOverlayDirectory, openMountData, splitLayers } from "./overlay-data.ts";

test.each([
  ["/a", ["/a"]],
  ["/a:/b", ["/a", "/b"]],
  ["/a::/data", ["/a", "", "/data"]],
  ["/a\\:b:/c", ["/a:b", "/c"]],
  ["/a\\\\:/b", ["/a\\", "/b"]],
  ["/a\\,b\\\\\\:c", ["/a,b\\:c"]],
])("splitLayers(%j) undoes escapes", (value, layers) => {
  expect(splitLayers(value)).toEqual(layers);
});

test("options that fit in a page are joined as they are", () => {
  using data = openMountData("overlay", ["index=off", "lowerdir=/not-there:/b"]);
  expect(data.text).toBe("index=off,lowerdir=/not-there:/b");
});

test("longer ones name layers by descriptor, which are closed on disposal", () => {
  const folder = mkdtempSync(join(tmpdir(), "overlay-data-"));
  try {
    const layers = Array.from({ length: 100 }, (_, index) => join(folder, `${"long".repeat(20)}-${index}`));
    for (const layer of layers) mkdirSync(layer);
    let first = "";
    {
      using data = openMountData("overlay", [`lowerdir=${layers.join(":")}`, "upperdir=/u"]);
      const [, paths = "", rest] = /^lowerdir=(.*),(upperdir=\/u)$/.exec(data.text) ?? [];
      expect(rest).toBe("upperdir=/u");
      expect(paths.split(":").map((path) => readlinkSync(path))).toEqual(layers);
      first = paths.split(":")[0] ?? "";
    }
    expect(() => readlinkSync(first)).toThrow();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("data of other filesystems is never rewritten", () => {
  const long = `lowerdir=${"x".repeat(5000)}`;
  using data = openMountData("ext4", [long]);
  expect(data.text).toBe(long);
});

test("missingOverlayDirectory() finds the first that is not a directory", () => {
  expect(missingOverlayDirectory(["index=off", "lowerdir=/tmp:/absent/a", "workdir=/absent/b"])).toBe(
    "/absent/a",
  );
  expect(missingOverlayDirectory(["lowerdir=/tmp", "upperdir=/etc/hostname"])).toBe("/etc/hostname");
  expect(missingOverlayDirectory(["lowerdir=/tmp", "upperdir=/"])).toBeUndefined();
});
