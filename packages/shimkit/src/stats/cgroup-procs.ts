// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";
import { readLines } from "./cgroup-file.ts";
import type { ContainerCgroup } from "./find-cgroup.ts";

/** Hierarchies by how surely an OCI runtime puts every process of a container into its cgroup there. */
const PREFERRED_CONTROLLERS = ["pids", "memory", "freezer", "devices", "cpu", "cpuacct", "name=systemd"];

/**
 * Cgroups looked into at most: a container that owns its cgroup can make as many below it as it likes, and must
 * not keep the shim busy.
 */
const MAX_CGROUPS = 4096;

/**
 * The pids of all processes in a container's cgroup and the cgroups below it, in this process's pid namespace;
 * none when the cgroup is gone. Of a container with more than 4,096 cgroups, some may be missing.
 */
export function cgroupProcs(cgroup: ContainerCgroup): number[] {
  const top = directoryOf(cgroup);
  const directories = top === undefined ? [] : [top];
  const pids = new Set<number>();
  // The array grows while it is walked: breadth first, so that the container's own cgroup is never missed.
  for (const directory of directories) {
    for (const pid of readPids(directory)) pids.add(pid);
    if (directories.length < MAX_CGROUPS) directories.push(...subCgroups(directory));
  }
  return [...pids];
}

function directoryOf(cgroup: ContainerCgroup): string | undefined {
  if (cgroup.kind === "v2") return cgroup.path;
  const controller = PREFERRED_CONTROLLERS.find((name) => cgroup.paths.has(name));
  return controller === undefined ? [...cgroup.paths.values()][0] : cgroup.paths.get(controller);
}

// 0 stands for a process outside this pid namespace. A threaded cgroup of v2 does not list any (EOPNOTSUPP):
// its processes are listed by the nearest cgroup above it that is not threaded.
function readPids(directory: string): readonly number[] {
  return readLines(directory, "cgroup.procs")
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}

function subCgroups(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${directory}/${entry.name}`);
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
}
