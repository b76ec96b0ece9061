// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { daemonScope, readNodeConfig } from "./node-config.ts";

test("readNodeConfig() reads TOML, takes a missing file for empty and refuses a broken one by name", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "config.toml");
  expect(readNodeConfig(path)).toEqual({});
  writeFileSync(path, '[wasmtime]\nopt-level = "s"\n');
  expect(readNodeConfig(path)).toEqual({ wasmtime: { "opt-level": "s" } });
  writeFileSync(path, "[wasmtime");
  const error = await rejection(() => readNodeConfig(path));
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining(path) });
});

test("a daemon is a pod's unless the node says otherwise, in a word that is known", async () => {
  expect(daemonScope({})).toBe("pod");
  expect(daemonScope({ daemon: "pod" })).toBe("pod");
  expect(daemonScope({ daemon: "node" })).toBe("node");
  for (const daemon of ["", "Node", 1, true, {}, ["node"]]) {
    const error = await rejection(() => daemonScope({ daemon }));
    expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("pod, node") });
  }
});
