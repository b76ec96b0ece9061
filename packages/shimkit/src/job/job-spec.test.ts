// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseRuntimeSpec } from "@runwasi/oci";
import { jobPlace, jobSpec, type Job } from "./job-spec.ts";

const JOB: Job = {
  args: ["/dev/.runwasi/engine", "compile"],
  env: [],
  mounts: [
    { destination: "/dev/.runwasi/engine", type: "bind", source: "/opt/engine", options: ["bind", "ro"] },
  ],
  output: "/out",
  memoryLimitBytes: 1 << 28,
  timeoutMs: 1,
};
const place = (bundlePath: string, usesSystemd = false) => jobPlace("k8s.io", bundlePath, usesSystemd);
const spec = parseRuntimeSpec(JSON.stringify(jobSpec(JOB, "1.0.2", place("/run/one"))));

test("a job has nobody's rights and no way to more, no network and an empty root that stays empty", () => {
  expect(spec.root).toEqual({ path: "rootfs", readonly: true });
  expect(spec.process).toMatchObject({
    noNewPrivileges: true,
    capabilities: {},
    cwd: "/",
    args: [...JOB.args],
  });
  expect(spec.linux?.namespaces?.map(({ type }) => type).sort()).toEqual([
    "cgroup",
    "ipc",
    "mount",
    "network",
    "pid",
    "uts",
  ]);
  expect(spec.linux?.namespaces?.every(({ path }) => path === undefined)).toBe(true);
});

test("what it uses is bounded, its output among it", () => {
  expect(spec.linux?.["resources"]).toMatchObject({ memory: { limit: 1 << 28 }, pids: { limit: 1024 } });
  const output = spec.mounts?.find(({ destination }) => destination === "/out");
  expect(output).toMatchObject({ type: "tmpfs" });
  for (const option of [`size=${1 << 28}`, "noexec", "nosuid", "nodev"])
    expect(output?.options).toContain(option);
});

test("no two jobs have user or cgroup in common, and no user of the host's is one", () => {
  const user = (bundlePath: string) => jobSpec(JOB, "1.0.2", place(bundlePath)).process?.["user"];
  expect(user("/run/one")).not.toEqual(user("/run/two"));
  expect(user("/run/one")).toEqual({ uid: expect.any(Number), gid: expect.any(Number) });
  expect(Number(JSON.stringify(user("/run/one")).match(/\d+/)?.[0])).toBeGreaterThan(1_999_999_999);
  expect(place("/run/one").cgroupsPath).not.toBe(place("/run/two").cgroupsPath);
});

test("the cgroup is in the form of whoever manages them", () => {
  expect(place("/run/one").cgroupsPath).toMatch(/^\/runwasi-job-k8s\.io-[0-9a-f]{16}$/);
  expect(place("/run/one", true).cgroupsPath).toMatch(/^system\.slice:runwasi-job:[0-9a-f]{16}$/);
});
