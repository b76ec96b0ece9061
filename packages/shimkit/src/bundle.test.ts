// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import {
  bundleAt,
  readExitResponse,
  readPidFile,
  readRuntimeRecord,
  runtimeRoot,
  writeExitResponse,
  writeRuntimeRecord,
  writeSpec,
} from "./bundle.ts";
import { readSpec } from "./bundle-spec.ts";

const EXIT = Buffer.from("an encoded DeleteResponse");
const RECORD = { executable: "/usr/bin/crun", root: "/run/crun", systemdCgroup: true };

test("writeSpec() replaces config.json whole and leaves nothing beside it", () => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(folder.path);
  writeFileSync(join(folder.path, "config.json"), `{"ociVersion":"1.2.1","future":18446744073709551615}`);
  const inode = statSync(join(folder.path, "config.json")).ino;
  writeSpec(bundle, { ...readSpec(bundle.path), ociVersion: "1.0.0" });
  expect(readFileSync(join(folder.path, "config.json"), "utf8")).toBe(
    '{"ociVersion":"1.0.0","future":18446744073709551615}',
  );
  expect(statSync(join(folder.path, "config.json")).ino).not.toBe(inode);
  expect(readdirSync(folder.path)).toEqual(["config.json"]);
});

test.each([
  ["123", 123],
  ["123\n", 123],
  ["", undefined],
  ["0", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["12 34", undefined],
  ["abc", undefined],
  ["99999999999", undefined],
  ["\0", undefined],
])("readPidFile() reads %p as %p", (content, pid) => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(folder.path);
  expect(readPidFile(bundle.pidFile)).toBeUndefined();
  writeFileSync(bundle.pidFile, content);
  expect(readPidFile(bundle.pidFile)).toBe(pid);
});

test("the runtime record and the exit status are read back as written, by the owner only", () => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(folder.path);
  writeRuntimeRecord(bundle, RECORD);
  writeExitResponse(bundle, EXIT);
  expect(readRuntimeRecord(bundle)).toEqual(RECORD);
  expect(readExitResponse(bundle)).toEqual(EXIT);
  for (const name of readdirSync(folder.path))
    expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
});

test("a record that is missing, cut off or of other types is undefined", () => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(folder.path);
  expect(readRuntimeRecord(bundle)).toBeUndefined();
  expect(readExitResponse(bundle)).toBeUndefined();
  const garbage = ["", "{", "null", "[]", "7", "{}", '{"executable":1,"root":"/"}', '{"executable":"/x"}'];
  for (const content of garbage) {
    writeFileSync(join(folder.path, "oci-runtime.json"), content);
    expect(readRuntimeRecord(bundle)).toBeUndefined();
  }
});

test("writeExitResponse() does not bring back a bundle that was removed", () => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(join(folder.path, "gone"));
  writeExitResponse(bundle, EXIT);
  expect(existsSync(bundle.path)).toBe(false);
  mkdirSync(bundle.path);
  rmSync(bundle.path, { recursive: true });
  writeExitResponse(bundle, EXIT);
  expect(existsSync(bundle.path)).toBe(false);
});

test("runtimeRoot() is beside containerd's state, under runtime and namespace", () => {
  const bundle = bundleAt("/run/c/io.containerd.runtime.v2.task/k8s.io/one");
  expect(runtimeRoot(bundle, "/usr/bin/crun", "k8s.io")).toBe("/run/c/crun/k8s.io");
  expect(runtimeRoot(bundleAt("/tmp/by-hand"), "runc", "default")).toBe("/run/containerd/runc/default");
});
