// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { listCgroups } from "./cgroups.ts";
import type { Containerd } from "./containerd.ts";
import { listProcessesOf } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

/** Everything of this containerd's that a container may leave behind, in a form that a diff shows well. */
export interface Possessions {
  readonly processes: readonly string[];
  readonly mountsInside: readonly string[];
  readonly mountsOfHost: readonly string[];
  readonly cgroups: readonly string[];
  /** Sockets, FIFOs, state of OCI runtimes and whatever else is below /run. */
  readonly runFiles: readonly string[];
  readonly bundles: readonly string[];
  readonly containerdFds: readonly string[];
}

const SETTLE_MS = 10_000;

export async function listPossessions(containerd: Containerd): Promise<Possessions> {
  const { folder, namespace, cgroup, mounts } = containerd;
  const [processes, mountsInside, mountsOfHost, cgroups, runFiles, bundles, containerdFds] =
    await Promise.all([
      listProcessesOf(folder),
      listMounts(mounts.holderPid),
      listMounts(process.pid),
      listCgroups(cgroup),
      listFiles(mounts.runFolder),
      listBundles(folder, namespace),
      readdir(`/proc/${containerd.pid()}/fd`),
    ]);
  return {
    processes: processes
      .map(({ pid, name, state }) => `${pid} ${name}${state === "Z" ? " (zombie)" : ""}`)
      .sort(),
    mountsInside,
    mountsOfHost: mountsOfHost.filter((mount) => mount.includes(folder)),
    cgroups,
    runFiles,
    bundles,
    containerdFds: containerdFds.length > 0 ? [String(containerdFds.length)] : [],
  };
}

/**
 * Waits until nothing of this containerd's is there beyond `before`, and fails with the difference when there
 * still is after some seconds. Take `before` after a first container has run: containerd opens files lazily.
 */
export async function assertNothingLeft(containerd: Containerd, before: Possessions): Promise<void> {
  let last = before;
  await waitUntil(
    "possessions to be as before",
    async () => {
      last = withoutFewer(await listPossessions(containerd), before);
      return Bun.deepEquals(last, before) ? true : undefined;
    },
    SETTLE_MS,
  ).catch(() => undefined);
  expect(last).toEqual(before);
}

/**
 * Only more than before is a leak, where something may go by itself meanwhile: descriptors of containerd's, and a daemon,
 * with its socket, of a container that had ended just before.
 */
function withoutFewer(now: Possessions, before: Possessions): Possessions {
  const fewerFds = Number(now.containerdFds[0]) <= Number(before.containerdFds[0]);
  return {
    ...now,
    containerdFds: fewerFds ? before.containerdFds : now.containerdFds,
    processes: together(now.processes, before.processes),
    runFiles: together(now.runFiles, before.runFiles),
  };
}

function together(now: readonly string[], before: readonly string[]): readonly string[] {
  return [...new Set([...now, ...before])].sort();
}

async function listMounts(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/mountinfo`, "utf8");
  return text
    .split("\n")
    .map((line) => line.split(" ").slice(3, 5).join(" -> "))
    .sort();
}

async function listFiles(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

async function listBundles(folder: string, namespace: string): Promise<string[]> {
  const parents = ["root", "state"].map((name) =>
    join(folder, name, "io.containerd.runtime.v2.task", namespace),
  );
  const lists = await Promise.all(
    // containerd makes these folders with the first task.
    parents.map(async (parent) => (await readdir(parent).catch(() => [])).map((name) => join(parent, name))),
  );
  return lists.flat().sort();
}
