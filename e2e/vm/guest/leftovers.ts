// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { mustRun } from "../../src/harness/command.ts";
import { listCgroups } from "../../src/harness/cgroups.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { machine } from "./machine.ts";

/** Everything on the machine that a container may leave behind, in a form that a diff shows well. */
interface Possessions {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  /** Scopes that systemd still knows, and units of any kind that failed. */
  readonly units: readonly string[];
  readonly runFiles: readonly string[];
  readonly bundles: readonly string[];
}

/** What a node keeps: caches of the shims', folders of containerd's, and containerd itself. */
const KEPT = /^(closure|engine-version|features|spec-version)-/;
const SERVICE = "/sys/fs/cgroup/system.slice/containerd.service";

async function listPossessions(): Promise<Possessions> {
  const lines = async (...argv: string[]) => (await mustRun(argv)).split("\n").filter((line) => line !== "");
  const list = (folder: string) => readdir(folder, { recursive: true }).catch(() => []);
  const runtimeFiles = (await list("/run/runwasi")).filter((name) => !KEPT.test(name));
  const state = ["/run/containerd/crun", "/run/containerd/runc", "/run/containerd/fifo"];
  const names = ["systemctl", "list-units", "--all", "--plain", "--no-legend"];
  return {
    processes: await namesOf((await readFile(`${SERVICE}/cgroup.procs`, "utf8")).trim().split("\n")),
    mounts: (await readFile("/proc/1/mountinfo", "utf8"))
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter((path) => /^\/(run\/(containerd|runwasi)|var\/lib\/containerd|tmp|sys\/fs)/.test(path))
      .sort(),
    cgroups: [...(await listCgroups("kubepods")), ...(await listCgroups(machine.namespace))],
    units: [...(await lines(...names, "*.scope")), ...(await lines(...names, "--state=failed"))].filter(
      (line) => !/^(init|session-.*)\.scope/.test(line),
    ),
    runFiles: [...runtimeFiles, ...(await Promise.all(state.map(list))).flat()].sort(),
    bundles: await list("/run/containerd/io.containerd.runtime.v2.task"),
  };
}

function namesOf(pids: readonly string[]): Promise<string[]> {
  return Promise.all(pids.map(async (pid) => (await readFile(`/proc/${pid}/comm`, "utf8")).trim()));
}

/** Defines the last test: that all tests together have left nothing. Returns what to call before the first. */
export function watchLeftovers(): () => Promise<void> {
  let before: Possessions | undefined;
  test("nothing is left behind by all of this", async () => {
    let last: Possessions | undefined;
    await waitUntil("possessions to be as before", async () => {
      last = await listPossessions();
      return Bun.deepEquals(last, before) ? true : undefined;
    }).catch(() => undefined);
    expect(last).toEqual(before);
  });
  return async () => {
    before = await listPossessions();
  };
}
