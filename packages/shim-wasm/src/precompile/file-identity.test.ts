// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { fileDigest } from "./file-digest.ts";
import { imageFileIdentity, nodeFileIdentity } from "./file-identity.ts";
import { rememberedDigest } from "./remembered-digest.ts";

test("a write changes the identity, with size and mtime as they were", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, "one");
  const before = nodeFileIdentity(path);
  const { atime, mtime } = statSync(path);
  while (nodeFileIdentity(path) === before) {
    writeFileSync(path, "two"); // within one tick of the kernel's clock the ctime is the same
    utimesSync(path, atime, mtime);
  }
  expect(statSync(path).size).toBe(3);
});

test("a file that is not on an overlay has no identity as an image's: its digest is computed each time", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, "one");
  expect(imageFileIdentity(path)).toBeUndefined();
  let computed = 0;
  const digest = () =>
    rememberedDigest(join(folder.path, "digests"), undefined, () => {
      computed += 1;
      return fileDigest(path);
    });
  expect([digest(), digest(), computed]).toEqual([digest(), digest(), 2]);
});

test("a digest is computed once under one identity, and not taken from what is broken", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, "one");
  const digests = join(folder.path, "digests");
  const expected = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
  expect(rememberedDigest(digests, "i", () => fileDigest(path))).toBe(expected);
  expect(rememberedDigest(digests, "i", () => "never asked")).toBe(expected);
  expect(rememberedDigest(digests, "other", () => undefined)).toBeUndefined();
});

test("a copy holds the bytes that were digested, and a limit ends both", () => {
  using folder = createTemporaryFolder();
  const [path, to] = [join(folder.path, "file"), join(folder.path, "copy")];
  writeFileSync(path, "one");
  const copy = openSync(to, "wx");
  expect(fileDigest(path, { copy })).toHaveLength(64);
  closeSync(copy);
  expect(readFileSync(to, "utf8")).toBe("one");
  expect(fileDigest(path, { maxBytes: 2 })).toBeUndefined();
  expect(fileDigest(folder.path)).toBeUndefined();
});
