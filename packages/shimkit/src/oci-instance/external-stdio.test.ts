// SPDX-License-Identifier: Apache-2.0
import { lstatSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { makeFifo } from "../testing/fifo.ts";
import { rejection } from "../testing/rejection.ts";
import { dumpConfig, externalStdio, readStdio, restoreConfig, writeStdio } from "./external-stdio.ts";

test("what the container's own mounts show is not external, nor is a pipe", () => {
  const child = Bun.spawn(["sleep", "10"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    expect(externalStdio(child.pid)).toEqual([undefined, undefined, undefined]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("the configuration of CRIU names each file, for the dump and for the restore", () => {
  const stdio = ["file[a1:2b]", undefined, "file[a1:3c]"];
  expect(dumpConfig(stdio)).toBe("external file[a1:2b]\nexternal file[a1:3c]\n");
  expect(restoreConfig(stdio)).toBe("inherit-fd fd[0]:file[a1:2b]\ninherit-fd fd[2]:file[a1:3c]\n");
  expect(dumpConfig([])).toBe("");
});

test("the names come back from among the images; there may be none", () => {
  using folder = createTemporaryFolder();
  expect(readStdio(folder.path)).toEqual([]);
  const stdio = ["file[a1:2b]", undefined, undefined];
  writeStdio(folder.path, stdio);
  expect(readStdio(folder.path)).toEqual(stdio);
});

test.each([
  ["a line of its own", '["file[1:2]\\nexternal dev[1/2]:x", null, null]'],
  ["another kind", '["dev[1/2]", null, null]'],
  ["a number", "[1, null, null]"],
  ["too few", "[null]"],
  ["too many", "[null, null, null, null]"],
  ["no array", '{"0": null}'],
  ["no JSON", "["],
])("a checkpoint with %s for a name is refused", async (_what, text) => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "runwasi-stdio.json"), text);
  expect((await rejection(() => readStdio(folder.path))).code).toBe("InvalidArgument");
});

test("a checkpoint with a FIFO, a link or a huge file of that name is refused, and stops nobody", async () => {
  using folder = createTemporaryFolder();
  const path = makeFifo(folder.path, "runwasi-stdio.json");
  expect((await rejection(() => readStdio(folder.path))).code).toBe("InvalidArgument");
  rmSync(path);
  symlinkSync("/dev/zero", path);
  expect((await rejection(() => readStdio(folder.path))).code).toBe("InvalidArgument");
  writeStdio(folder.path, []);
  expect(lstatSync(path).isFile()).toBe(true);
  writeFileSync(path, `[${" ".repeat(2000)}null, null, null]`);
  expect((await rejection(() => readStdio(folder.path))).code).toBe("InvalidArgument");
});
