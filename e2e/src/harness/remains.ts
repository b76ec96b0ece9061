// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { listCgroups } from "./cgroups.ts";
import { listProcessesOf } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

/** Folders of test containerds begin with this; kept short for the sockets below them. */
export const FOLDER_PREFIX = "/tmp/rw-";

/** The containerd namespace that goes with a folder; it names the containers' cgroups. */
export function namespaceOf(folder: string): string {
  return `e2e-${folder.slice(FOLDER_PREFIX.length)}`;
}

/** Kills the shims and containers that a test has left, and removes their cgroups once the kernel lets go. */
export async function endRemains(folder: string, namespace: string, keepPid?: number): Promise<void> {
  await waitUntil("left processes to end", async () => {
    const left = (await listProcessesOf(folder)).filter(({ pid }) => pid !== keepPid);
    for (const { pid } of left) killIfThere(pid);
    return left.length === 0 ? true : undefined;
  });
  await removeCgroups(namespace);
}

/** Removes the cgroups whose path has a component that contains `name`, where the kernel lets go of them. */
export async function removeCgroups(name: string): Promise<void> {
  const deepestFirst = (await listCgroups(name)).toReversed();
  for (const cgroup of deepestFirst) {
    // Busy for a moment after its last process: the folder is only a name then, and no test's business.
    await rmdir(cgroup).catch(() => undefined);
  }
}

/** Cleans up after test runs that were killed: folders whose owner is no longer alive. */
export async function sweepStaleFolders(): Promise<void> {
  const parent = dirname(FOLDER_PREFIX);
  const names = (await readdir(parent)).filter((name) => name.startsWith(basename(FOLDER_PREFIX)));
  for (const folder of names.map((name) => join(parent, name))) {
    const owner = await readFile(join(folder, "owner"), "utf8").catch(() => undefined);
    if (owner === undefined || isAlive(Number(owner))) continue;
    await endRemains(folder, namespaceOf(folder));
    await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself since it was listed.
  }
}
