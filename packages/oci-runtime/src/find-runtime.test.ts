// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { OciRuntimeError } from "./error.ts";
import { findExecutable, findRuntime } from "./find-runtime.ts";
import { createTemporaryFolder } from "./testing/temporary-folder.ts";

test("findExecutable() takes the first executable file on the search path", () => {
  using folder = createTemporaryFolder();
  const [first, second, third] = ["1", "2", "3"].map((name) => join(folder.path, name));
  for (const path of [first, second, third]) mkdirSync(path ?? "");
  writeFileSync(join(folder.path, "1", "tool"), "not executable");
  mkdirSync(join(folder.path, "2", "tool")); // a folder has x bits too
  const tool = folder.script("3/tool", "");
  expect(findExecutable("tool", [first, "/nonexistent", second, third].join(":"))).toBe(tool);
  expect(findExecutable("tool", [first, second].join(":"))).toBeUndefined();
});

test("findExecutable() passes over empty and relative folders and an empty name", () => {
  using folder = createTemporaryFolder();
  const before = process.cwd();
  folder.script("tool", "");
  process.chdir(folder.path);
  try {
    expect(findExecutable("tool", "::.:relative")).toBeUndefined();
    expect(findExecutable("tool", "")).toBeUndefined();
    expect(findExecutable("", folder.path)).toBeUndefined();
  } finally {
    process.chdir(before);
  }
});

test("findExecutable() takes an absolute name as it is", () => {
  using folder = createTemporaryFolder();
  const tool = folder.script("tool", "");
  expect(findExecutable(tool, "/nonexistent")).toBe(tool);
  expect(findExecutable(`${tool}-absent`, folder.path)).toBeUndefined();
  expect(findExecutable(folder.path, folder.path)).toBeUndefined();
});

test("findRuntime() gives the one that is named, without a reason", () => {
  using folder = createTemporaryFolder();
  const runtime = folder.script("youki", "");
  expect(findRuntime(runtime)).toEqual({ executable: runtime });
});

test("findRuntime() names what is missing", () => {
  try {
    findRuntime("/nonexistent/runtime");
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(OciRuntimeError);
    expect(error).toMatchObject({
      kind: "not-installed",
      message: expect.stringContaining("/nonexistent/runtime"),
    });
  }
});
