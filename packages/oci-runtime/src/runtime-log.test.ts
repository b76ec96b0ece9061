// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { OciRuntimeFailure } from "./error.ts";
import { classifyFailure, lastLoggedError, logSize } from "./runtime-log.ts";
import { createTemporaryFolder } from "./testing/temporary-folder.ts";

// As crun 1.8.1 and runc 1.1.5 wrote them.
const CRUN_LINE =
  '{"msg":"error opening file `/run/crun/nope/status`: No such file or directory","level":"error","time":"2026-11-23T19:48:18.005084Z"}\n';
const RUNC_LINE = '{"level":"error","msg":"container does not exist","time":"2026-11-23T19:48:18Z"}\n';

const YOUKI_LINE = `${JSON.stringify({
  timestamp: "2026-11-24T09:07:02.731920Z",
  level: "ERROR",
  message:
    "error in executing command: container nope does not exist.\n\nStack backtrace:\n   0: <unknown>\n   1: __libc_start_main_impl",
  target: "youki",
})}\n`;

function logged(content: string | Uint8Array, from?: number): string | undefined {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "log");
  writeFileSync(path, content);
  return lastLoggedError(path, from);
}

test("lastLoggedError() reads the lines of crun, runc and youki", () => {
  expect(logged(YOUKI_LINE)).toBe("container nope does not exist.");
  expect(logged(CRUN_LINE)).toBe("error opening file `/run/crun/nope/status`: No such file or directory");
  expect(logged(RUNC_LINE)).toBe("container does not exist");
});

test("lastLoggedError() answers undefined for no log and an empty one", () => {
  using folder = createTemporaryFolder();
  expect(lastLoggedError(join(folder.path, "absent"))).toBeUndefined();
  expect(lastLoggedError(join(folder.path, "absent", "below"))).toBeUndefined();
  expect(logged("")).toBeUndefined();
  expect(logged("\n\n")).toBeUndefined();
});

test("lastLoggedError() passes over warnings, garbage and cut lines after the error", () => {
  const noise = [
    '{"level":"warning","msg":"cgroup v1 is deprecated"}',
    '{"level":"debug","msg":"x"}',
    '{"level":"error"}',
    '{"level":"error","msg":7}',
    "null",
    "7",
    "goroutine 1 [running]:",
    '{"level":"error","msg":"cut of',
  ].join("\n");
  expect(logged(`{"level":"error","msg":"first"}\n${RUNC_LINE}${noise}`)).toBe("container does not exist");
  expect(logged(Buffer.concat([Buffer.from(RUNC_LINE), Buffer.from([0xff, 0xfe, 0x00, 0x0a])]))).toBe(
    "container does not exist",
  );
});

test("lastLoggedError() finds the last error of a huge log, and none in the tail of a huge line", () => {
  expect(logged(`${"x".repeat(200_000)}\n${RUNC_LINE}`)).toBe("container does not exist");
  expect(logged(`{"level":"error","msg":"${"x".repeat(200_000)}"}\n`)).toBeUndefined();
});

test("lastLoggedError() takes no error from before the call", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "log");
  expect(logSize(path)).toBe(0);
  writeFileSync(path, RUNC_LINE);
  const before = logSize(path);
  expect(lastLoggedError(path, before)).toBeUndefined();
  appendFileSync(path, CRUN_LINE);
  expect(lastLoggedError(path, before)).toContain("error opening file");
});

test.each<[string, OciRuntimeFailure]>([
  // crun 1.8.1
  ["error opening file `/run/crun/nope/status`: No such file or directory", "no-such-container"],
  ["kill container: No such process", "not-running"],
  ["container `c1` is not running", "not-running"],
  ["container `c1` already exists", "failed"],
  ["the container `c4` is not in `created` or `stopped` state", "failed"],
  ["cannot open `/run/crun/c4/exec.fifo`: No such file or directory", "failed"],
  ["send signal to pidfd: Invalid argument", "failed"],
  ["unknown version specified", "failed"],
  // runc 1.1.5
  ["container does not exist", "no-such-container"],
  ["container not running", "not-running"],
  ["runc create failed: container with given ID already exists", "failed"],
  ["cannot start an already running container", "failed"],
  ["cannot delete container c4 that is not stopped: running", "failed"],
  ["unable to signal init: invalid argument", "failed"],
  // youki 0.7.0
  ["container nope does not exist.", "no-such-container"],
])("classifyFailure(%p) is %p", (message, kind) => {
  expect(classifyFailure(message)).toBe(kind);
});
