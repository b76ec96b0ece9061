// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** Moves a process and all its threads into the cgroups of another one, of every hierarchy: cgroups(7). */
export async function joinCgroupsOf(member: number, pid: number): Promise<void> {
  const lines = (await readFile(`/proc/${member}/cgroup`, "utf8")).trimEnd().split("\n");
  for (const line of lines) {
    const [, controllers = "", ...path] = line.split(":");
    // Version 2 has no controllers here, and is the root itself where version 1 is not mounted.
    const folders = [controllers.replace("name=", "") || "unified", "."];
    const procs = folders
      .map((folder) => join(ROOT, folder, path.join(":"), "cgroup.procs"))
      .find(existsSync);
    if (procs !== undefined) await writeFile(procs, String(pid));
  }
}
