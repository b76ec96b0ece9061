// SPDX-License-Identifier: Apache-2.0
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { InstanceHost } from "@runwasi/containerd-shimkit";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { assertEngineVersion, isAtLeast, parseVersion } from "./engine-version.ts";

test.each([
  ["wasmtime 48.0.8 (abc 2026-01-01)\n", "48.0.8"],
  ["wasmer 7.4.2\n", "7.4.2"],
  ["wasmedge version 0.14.1\nplugin 9.9.9", "0.14.1"],
  ["iwasm 2.4.3", "2.4.3"],
  ["\n1.2.3", ""],
  ["", ""],
  [`${"x".repeat(300)} 1.2.3`, ""],
])("parseVersion() finds in %p %p", (output, version) => {
  expect(parseVersion(output)).toBe(version);
});

test.each([
  ["48.0.8", "48.0.0", true],
  ["48.0.0", "48.0.0", true],
  ["47.9.9", "48.0.0", false],
  ["0.14.1", "0.14.2", false],
  ["0.15.0", "0.14.2", true],
  ["10.0.0", "9.0.0", true],
  ["", "0.0.1", false],
])("isAtLeast(%p, %p) is %p", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

test("an engine is asked once, until it is replaced, and refused when it is older", async () => {
  using folder = createTemporaryFolder();
  const engine = join(folder.path, "engine");
  const asked = join(folder.path, "asked");
  const install = (version: string) => {
    writeFileSync(engine, `#!/bin/sh\necho asked >> ${asked}\necho "engine ${version}"\n`);
    chmodSync(engine, 0o755);
  };
  let spawned = 0;
  const host: InstanceHost = {
    stateDir: folder.path,
    containerdAddress: "/nonexistent/containerd.sock",
    spawn: (argv, options) => {
      spawned += 1;
      return Bun.spawn(argv, options);
    },
    reaper: { spawn: Bun.spawn, watch: () => expect.unreachable(), [Symbol.dispose]: () => {} },
  };
  const assertAtLeast = (minimumVersion: string) => {
    const installed = {
      kind: "installed",
      name: "engine",
      minimumVersion,
      versionEnvironment: ["PATH=/usr/bin:/bin"],
    } as const;
    return assertEngineVersion(engine, installed, host);
  };
  install("2.0.0");
  await assertAtLeast("2.0.0");
  await assertAtLeast("1.9.9");
  expect(spawned).toBe(1);
  const error = await rejection(() => assertAtLeast("2.0.1"));
  expect(error.code).toBe("FailedPrecondition");
  expect(error.message).toContain("2.0.0");
  expect(error.message).toContain("2.0.1");
  install("10.0.1");
  await assertAtLeast("10.0.0");
  expect(spawned).toBe(2);
  install("unknown, really");
  expect((await rejection(() => assertAtLeast("1.0.0"))).message).toContain("says no version");
});
