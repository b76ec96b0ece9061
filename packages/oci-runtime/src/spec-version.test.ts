// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { lowerSpecVersion, parseSpecVersion, readSpecVersion } from "./spec-version.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./testing/temporary-folder.ts";

const CRUN_1_8_1 = `crun version 1.8.1
commit: f8a096be060b22ccd3d5f3ebe44108517fbf6c30
rundir: /run/crun
spec: 1.0.0
+SYSTEMD +SELINUX +APPARMOR +CAP +SECCOMP +EBPF +YAJL
`;
const RUNC_1_1_5 = `runc version 1.1.5+ds1
commit: 1.1.5+ds1-1+deb12u1
spec: 1.0.2-dev
go: go1.19.8
libseccomp: 2.5.4
`;

test("parseSpecVersion() reads the spec line of crun and runc", () => {
  expect(parseSpecVersion(CRUN_1_8_1)).toBe("1.0.0");
  expect(parseSpecVersion(RUNC_1_1_5)).toBe("1.0.2");
});

test("parseSpecVersion() answers undefined for a runtime that does not say", () => {
  for (const output of ["", "crun version 1.8.1\n", "spec: none\n", "a spec: 1.0.0\n", "spec: 1.0\n"]) {
    expect(parseSpecVersion(output)).toBeUndefined();
  }
});

test.each([
  ["1.2.1", "1.0.0", "1.0.0"],
  ["1.0.0", "1.2.1", "1.0.0"],
  ["1.0.2-dev", "1.0.2", "1.0.2-dev"],
  ["1.10.0", "1.9.0", "1.9.0"],
  ["1.9.0", "1.10.0", "1.9.0"],
  ["2.0.0", "1.99.99", "1.99.99"],
  ["1.0.3", "1.0.2", "1.0.2"],
  ["1.2.1", undefined, "1.2.1"],
  ["not a version", "1.0.0", "not a version"],
])("lowerSpecVersion(%p, %p) is %p", (asked, taken, expected) => {
  expect(lowerSpecVersion(asked, taken)).toBe(expected);
});

function runtimeThatCounts(folder: TemporaryFolder, output: string, status = 0): string {
  return folder.script(
    "runtime",
    `echo asked >> '${folder.path}/asked'\n[ "$*" = --version ] || exit 9\ncat <<'EOF'\n${output}EOF\nexit ${status}`,
  );
}

function timesAsked(folder: TemporaryFolder): number {
  return readFileSync(join(folder.path, "asked"), "utf8").trimEnd().split("\n").length;
}

test("readSpecVersion() asks a runtime once, until its file is another", async () => {
  using folder = createTemporaryFolder();
  const cache = join(folder.path, "cache", "deep");
  const runtime = runtimeThatCounts(folder, CRUN_1_8_1);
  expect(await readSpecVersion(runtime, cache, Bun.spawn)).toBe("1.0.0");
  expect(await readSpecVersion(runtime, cache, Bun.spawn)).toBe("1.0.0");
  expect(timesAsked(folder)).toBe(1);
  utimesSync(runtime, 1, 1);
  expect(await readSpecVersion(runtime, cache, Bun.spawn)).toBe("1.0.0");
  expect(timesAsked(folder)).toBe(2);
  expect(readdirSync(cache).every((name) => /^spec-version-[\d.-]+$/.test(name))).toBe(true);
});

test("readSpecVersion() asks a runtime that says nothing once", async () => {
  using folder = createTemporaryFolder();
  const runtime = runtimeThatCounts(folder, "some runtime\n");
  expect(await readSpecVersion(runtime, folder.path, Bun.spawn)).toBeUndefined();
  expect(await readSpecVersion(runtime, folder.path, Bun.spawn)).toBeUndefined();
  expect(timesAsked(folder)).toBe(1);
});

test("readSpecVersion() asks a runtime that failed again", async () => {
  using folder = createTemporaryFolder();
  const runtime = runtimeThatCounts(folder, "", 1);
  expect(await readSpecVersion(runtime, folder.path, Bun.spawn)).toBeUndefined();
  expect(await readSpecVersion(runtime, folder.path, Bun.spawn)).toBeUndefined();
  expect(timesAsked(folder)).toBe(2);
});
