// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { rejection } from "../testing/rejection.ts";
import { joinCgroup } from "./join-cgroup.ts";

test("a cgroup is joined in every hierarchy that has it; one that none has is FailedPrecondition", async () => {
  using folder = createTemporaryFolder();
  const names = ["pids", "memory", "cpu"];
  const hierarchies = names.map((name) => ({
    controllers: [name],
    root: "/",
    mountPoint: join(folder.path, name),
  }));
  const procs = (name: string) => join(folder.path, name, "shims/cgroup.procs");
  for (const name of ["pids", "memory"]) {
    mkdirSync(join(folder.path, name, "shims"), { recursive: true });
    writeFileSync(procs(name), "");
  }
  joinCgroup("/shims", hierarchies, 42);
  expect(["pids", "memory"].map((name) => readFileSync(procs(name), "utf8"))).toEqual(["42", "42"]);
  expect((await rejection(() => joinCgroup("/none", hierarchies, 42))).code).toBe("FailedPrecondition");
});
