// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { OciRuntimeError, type OciRuntimeFailure } from "@runwasi/oci-runtime";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { bundleAt, readRuntimeRecord } from "../bundle.ts";
import type { InstanceRequest } from "../instance.ts";
import { parseRuntimeOptions, type RuntimeOptions } from "../runtime-options.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { rejection } from "../testing/rejection.ts";
import { chooseRuntime, translated } from "./runtime-for.ts";

function request(bundle: string, options: Partial<RuntimeOptions>): InstanceRequest {
  return {
    id: "one",
    namespace: "default",
    bundle: bundleAt(bundle),
    log: createRecordingLog(),
    options: { ...parseRuntimeOptions(undefined), ...options },
    stdio: {
      child: ["ignore", "ignore", "ignore"],
      handedOver: () => {},
      closeStdin: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
}

test.each([
  [undefined, undefined, false],
  ["/k8s.io/one", undefined, false],
  ["kubepods.slice:cri-containerd:one", undefined, true],
  [":cri-containerd:one", undefined, true],
  ["a:b:", undefined, false],
  ["/a:b:c", undefined, false],
  ["a:b:c:d", undefined, false],
  ["a:b", undefined, false],
  ["/k8s.io/one", true, true],
  ["kubepods.slice:cri-containerd:one", false, false],
])("cgroupsPath %p with SystemdCgroup %p: the systemd driver is %p", async (path, asked, expected) => {
  using folder = createTemporaryFolder();
  const binaryName = folder.script("runtime", "");
  const state = join(folder.path, "state", "deep");
  const asking = request(folder.path, { binaryName, root: state, systemdCgroup: asked });
  const root = join(state, "default");
  const runtime = await chooseRuntime(asking, path, Bun.spawn);
  expect(runtime.executable).toBe(binaryName);
  expect(readRuntimeRecord(asking.bundle)).toEqual({ executable: binaryName, root, systemdCgroup: expected });
  expect(statSync(root).mode & 0o777).toBe(0o700);
});

test("a runtime that is not installed is FailedPrecondition, with nothing recorded", async () => {
  using folder = createTemporaryFolder();
  const asking = request(folder.path, { binaryName: "/nonexistent/runtime" });
  const error = await rejection(() => chooseRuntime(asking, undefined, Bun.spawn));
  expect(error).toMatchObject({
    code: "FailedPrecondition",
    message: expect.stringContaining("/nonexistent/runtime"),
  });
  expect(readRuntimeRecord(asking.bundle)).toBeUndefined();
});

test.each<[OciRuntimeFailure, string]>([
  ["not-installed", "FailedPrecondition"],
  ["no-such-container", "NotFound"],
  ["not-running", "NotFound"],
  ["failed", "Unknown"],
])("translated() gives %p the code %p and keeps the words and the cause", async (kind, code) => {
  const cause = new OciRuntimeError(kind, "crun start: words");
  const error = await rejection(() => translated(() => Promise.reject(cause)));
  expect<unknown>({ code: error.code, message: error.message }).toEqual({
    code,
    message: "crun start: words",
  });
  expect(error.cause).toBe(cause);
});

test("translated() leaves other errors alone", async () => {
  const other = new TypeError("other");
  expect(await translated(() => Promise.reject(other)).catch((error: unknown) => error)).toBe(other);
});
