// SPDX-License-Identifier: Apache-2.0
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const CGROUP_ROOT = "/sys/fs/cgroup";

/** Lists cgroup folders, of every hierarchy, whose path has a component that contains `name`; parents first. */
export async function listCgroups(name: string): Promise<string[]> {
  const found: string[] = [];
  await walk(CGROUP_ROOT, false, name, found);
  return found.sort();
}

async function walk(folder: string, inside: boolean, name: string, found: string[]): Promise<void> {
  // A cgroup may be removed while it is walked.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    const matches = inside || entry.name.includes(name);
    if (matches) found.push(path);
    await walk(path, matches, name, found);
  }
}
