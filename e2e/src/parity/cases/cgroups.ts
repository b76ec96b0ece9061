// SPDX-License-Identifier: Apache-2.0
// Limits of a cgroup: what is written, and that it holds.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toMap, type JsonMap } from "../../harness/spec.ts";
import { refusedCase, shellCase, type ParityCase } from "../parity-case.ts";
import type { Stage } from "../stage.ts";

const MB = 1_048_576;

function withResources(resources: JsonMap): JsonMap {
  return { linux: { resources: { devices: [{ allow: false, access: "rwm" }], ...resources } } };
}

/** Files of a container's cgroup, as `controller/file`, on cgroup v1. */
async function readCgroup(stage: Stage, files: readonly string[]): Promise<Record<string, string>> {
  const entries = files.map(async (file) => {
    const [controller = "", name = ""] = file.split("/");
    const path = join("/sys/fs/cgroup", controller, stage.containerd.namespace, stage.id, name);
    return [file, (await readFile(path, "utf8")).trim()] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Limits of a running container, read from the host. */
function limitsCase(
  name: string,
  resources: JsonMap,
  expected: Readonly<Record<string, string>>,
): ParityCase {
  return {
    name,
    expected,
    async play(stage) {
      await using _container = await stage.start(withResources(resources), "sleep 1000");
      return readCgroup(stage, Object.keys(expected));
    },
  };
}

export const CGROUP_CASES: readonly ParityCase[] = [
  limitsCase(
    "memory limit and reservation",
    { memory: { limit: 64 * MB, reservation: 32 * MB, swappiness: 7 } },
    {
      "memory/memory.limit_in_bytes": String(64 * MB),
      "memory/memory.soft_limit_in_bytes": String(32 * MB),
      "memory/memory.swappiness": "7",
    },
  ),
  limitsCase(
    "shares, quota and period of the CPU",
    { cpu: { shares: 512, quota: 25_000, period: 50_000 } },
    { "cpu/cpu.shares": "512", "cpu/cpu.cfs_quota_us": "25000", "cpu/cpu.cfs_period_us": "50000" },
  ),
  limitsCase(
    "CPUs by number",
    { cpu: { cpus: "0", mems: "0" } },
    { "cpuset/cpuset.cpus": "0", "cpuset/cpuset.mems": "0" },
  ),
  limitsCase("a number of processes", { pids: { limit: 33 } }, { "pids/pids.max": "33" }),
  shellCase({
    name: "no process beyond the limit is started",
    spec: withResources({ pids: { limit: 6 } }),
    script: "(for number in 1 2 3 4 5 6 7 8; do sleep 1000 & done) 2>/dev/null; echo ended with $?",
    stdout: "ended with 2\n",
  }),
  shellCase({
    name: "a process that takes too much memory is killed, the container goes on",
    spec: withResources({ memory: { limit: 16 * MB } }),
    script: "dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null; echo $?",
    stdout: "137\n",
  }),
  shellCase({
    name: "an init that takes too much memory ends with 137",
    spec: withResources({ memory: { limit: 16 * MB } }),
    script: "exec dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null",
    stdout: "",
    exitCode: 137,
  }),
  {
    name: "a cgroup below another, by its path",
    expected: { "pids/pids.max": "44" },
    async play(stage) {
      const cgroupsPath = `/${stage.containerd.namespace}/${stage.id}`;
      const spec = withResources({ pids: { limit: 44 } });
      const linux = { ...toMap(spec["linux"]), cgroupsPath: `${cgroupsPath}/deep/er` };
      await using _container = await stage.start({ linux }, "sleep 1000");
      return readCgroup({ ...stage, id: `${stage.id}/deep/er` }, ["pids/pids.max"]);
    },
  },
  refusedCase("a limit that the kernel refuses", withResources({ cpu: { quota: 5, period: 50_000 } })),
];
