// SPDX-License-Identifier: Apache-2.0
import { readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { readCgroupHierarchies, type CgroupHierarchy } from "../stats/cgroup-hierarchies.ts";

/**
 * Removes a cgroup and those below it, in every hierarchy, where an OCI runtime has failed between making it and keeping a
 * state by which it would remove it. One with a process in it stays: the kernel does not remove it.
 *
 * @param cgroupsPath of the spec; one of systemd's form is systemd's to remove
 */
export function removeCgroup(
  cgroupsPath: string | undefined,
  hierarchies: readonly CgroupHierarchy[] = readCgroupHierarchies(),
): void {
  if (cgroupsPath === undefined || !cgroupsPath.startsWith("/")) return;
  const parts = cgroupsPath.split("/").filter((part) => part !== "");
  if (parts.length === 0 || parts.includes("..")) return;
  for (const { mountPoint } of hierarchies) removeFolder(join(mountPoint, ...parts));
}

function removeFolder(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeFolder(join(path, entry.name));
    }
    rmdirSync(path);
  } catch {
    // not there in this hierarchy, or in use
  }
}
