// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import {
  createTemporaryFolder,
  type TemporaryFolder,
} from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import type { CompiledKey } from "./compiled-store.ts";
import { createNodeStore } from "./node-store.ts";

const keyOf = (digit: string): CompiledKey => ({ engine: "e", module: "sha256:0", id: digit.repeat(64) });
const [ONE, TWO, THREE] = [keyOf("1"), keyOf("2"), keyOf("3")];
const LONG_AGO = new Date(Date.now() - 24 * 3_600_000);

function open(folder: TemporaryFolder, limitBytes = 1_000_000) {
  const path = join(folder.path, "store");
  const source = join(folder.path, "source");
  const store = createNodeStore({ folder: path, limitBytes, digests: join(folder.path, "digests") });
  return {
    path,
    find: (key: CompiledKey) => store.find(key),
    keep(key: CompiledKey, content: string) {
      writeFileSync(source, content);
      return store.keep(key, { path: source, sizeBytes: content.length });
    },
  };
}

test("what was kept is found, read-only, in a folder of the owner's alone", async () => {
  using folder = createTemporaryFolder();
  const store = open(folder);
  expect(await store.find(ONE)).toBeUndefined();
  const path = await store.keep(ONE, "code");
  expect(await store.find(ONE)).toBe(path);
  expect(await store.find(TWO)).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe("code");
  expect(statSync(path).mode & 0o777).toBe(0o444);
  expect(statSync(store.path).mode & 0o777).toBe(0o700);
});

test.each<readonly [string, (path: string) => void]>([
  ["truncated", (path) => truncateSync(path, 1)],
  [
    "changed, with size and mtime as they were",
    (path) => {
      const { atime, mtime } = statSync(path);
      chmodSync(path, 0o644);
      writeFileSync(path, "edoc");
      chmodSync(path, 0o444);
      utimesSync(path, atime, mtime);
    },
  ],
  ["writable", (path) => chmodSync(path, 0o666)],
  ["under another's name", (path) => renameSync(path, join(dirname(path), "0".repeat(64)))],
  ["with another beside it", (path) => writeFileSync(join(dirname(path), "more"), "")],
  [
    "a symlink",
    (path) => {
      renameSync(path, `${dirname(path)}-elsewhere`);
      symlinkSync(`${dirname(path)}-elsewhere`, path);
    },
  ],
])("a file that is %s is not found, and is replaced", async (_title, spoil) => {
  using folder = createTemporaryFolder();
  const store = open(folder);
  const path = await store.keep(ONE, "code");
  expect(await store.find(ONE)).toBe(path);
  spoil(path);
  expect(await store.find(ONE)).toBeUndefined();
  const again = await store.keep(ONE, "code");
  expect(await store.find(ONE)).toBe(again);
  expect(readFileSync(again, "utf8")).toBe("code");
});

test("those that were not used for the longest time go first, and none that a start may be mounting", async () => {
  using folder = createTemporaryFolder();
  const store = open(folder, 10);
  const age = (path: string, minutes: number) => {
    const at = new Date(LONG_AGO.getTime() - minutes * 60_000);
    utimesSync(dirname(path), at, at);
  };
  const one = await store.keep(ONE, "12345");
  const two = await store.keep(TWO, "12345");
  await store.keep(THREE, "12345");
  expect(readdirSync(store.path).filter((name) => !name.startsWith("."))).toHaveLength(3);
  age(one, 1);
  age(two, 2);
  await store.find(TWO);
  await store.keep(THREE, "12345");
  expect([existsSync(one), existsSync(two)]).toEqual([false, true]);
});

test("what a killed process has left goes in time", async () => {
  using folder = createTemporaryFolder();
  const store = open(folder);
  await store.keep(ONE, "code");
  const [old, fresh] = [join(store.path, ".new-old"), join(store.path, ".new-fresh")];
  for (const path of [old, fresh]) mkdirSync(path);
  utimesSync(old, LONG_AGO, LONG_AGO);
  await store.keep(TWO, "code");
  expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
});

test("a folder in which others may write is refused, by the option's name", async () => {
  using folder = createTemporaryFolder();
  const store = open(folder);
  await store.keep(ONE, "code");
  chmodSync(store.path, 0o777);
  const error = await rejection(() => store.find(ONE));
  expect(error).toMatchObject({
    code: "FailedPrecondition",
    message: expect.stringContaining("precompile.folder"),
  });
});

test("what is larger than it was is not kept, and nothing of it stays", async () => {
  using folder = createTemporaryFolder();
  const store = open(folder);
  await store.keep(TWO, "code");
  const source = join(folder.path, "growing");
  writeFileSync(source, "12345");
  const growing = createNodeStore({
    folder: store.path,
    limitBytes: 100,
    digests: join(folder.path, "digests"),
  });
  const error = await rejection(() => growing.keep(ONE, { path: source, sizeBytes: 4 }));
  expect(error.code).toBe("Unavailable");
  expect(readdirSync(store.path).filter((name) => name.includes("1111"))).toEqual([]);
});
