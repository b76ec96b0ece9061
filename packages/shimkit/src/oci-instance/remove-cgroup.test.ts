// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { removeCgroup } from "./remove-cgroup.ts";

test("a cgroup goes with those below it, and nothing else does", () => {
  using folder = createTemporaryFolder();
  const hierarchies = [{ controllers: ["pids"], root: "/", mountPoint: join(folder.path, "pids") }];
  mkdirSync(join(folder.path, "pids/ns/one/.proxy/deeper"), { recursive: true });
  mkdirSync(join(folder.path, "pids/ns/two"), { recursive: true });
  mkdirSync(join(folder.path, "other"));
  for (const path of [undefined, "", "/", "/../other", "ns:prefix:one", "/none"])
    removeCgroup(path, hierarchies);
  expect(existsSync(join(folder.path, "other"))).toBe(true);
  removeCgroup("/ns/one", hierarchies);
  expect(existsSync(join(folder.path, "pids/ns/one"))).toBe(false);
  expect(existsSync(join(folder.path, "pids/ns/two"))).toBe(true);
});

test("one in use stays", () => {
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "ns/one"), { recursive: true });
  writeFileSync(join(folder.path, "ns/one/cgroup.procs"), "1"); // here a file keeps the folder, there a process
  removeCgroup("/ns/one", [{ controllers: undefined, root: "/", mountPoint: folder.path }]);
  expect(existsSync(join(folder.path, "ns/one"))).toBe(true);
});
