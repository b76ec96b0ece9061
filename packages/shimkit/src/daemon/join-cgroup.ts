// SPDX-License-Identifier: Apache-2.0
import { existsSync, writeFileSync } from "node:fs";
import { messageOf, ShimError } from "../error.ts";
import { readCgroupHierarchies, type CgroupHierarchy } from "../stats/cgroup-hierarchies.ts";

/**
 * Moves this process into a cgroup that there is, in every hierarchy that has it, as runc's shim does for `ShimCgroup`. A
 * daemon that serves a pod is where its last container wanted it.
 *
 * @throws ShimError FailedPrecondition when no hierarchy has it, or the kernel does not allow it.
 */
export function joinCgroup(
  cgroup: string,
  hierarchies: readonly CgroupHierarchy[] = readCgroupHierarchies(),
  pid: number = process.pid,
): void {
  const folders = hierarchies
    .map(({ mountPoint }) => `${mountPoint}/${cgroup}`)
    .filter((folder) => existsSync(`${folder}/cgroup.procs`));
  if (folders.length === 0) {
    throw new ShimError(
      "FailedPrecondition",
      `cannot use option "ShimCgroup": there is no cgroup "${cgroup}"`,
    );
  }
  for (const folder of folders) {
    try {
      writeFileSync(`${folder}/cgroup.procs`, String(pid));
    } catch (error) {
      throw new ShimError("FailedPrecondition", `cannot join cgroup "${folder}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}
