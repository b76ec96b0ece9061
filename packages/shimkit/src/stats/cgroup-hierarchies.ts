// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { unescapeMountPath } from "../linux/mountinfo.ts";

/** A mounted cgroup hierarchy as this process sees it. */
export interface CgroupHierarchy {
  /** What the hierarchy controls, `name=systemd` included; undefined for cgroup v2. */
  readonly controllers: readonly string[] | undefined;
  /** The cgroup that the mount point shows, `/` but for bind mounts and mounts made in a cgroup namespace. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Reads the hierarchies mounted in this mount namespace; long on a host of many mounts, so do it once. */
export function readCgroupHierarchies(): readonly CgroupHierarchy[] {
  return parseCgroupHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** Picks the cgroup mounts out of the text of proc_pid_mountinfo(5). */
export function parseCgroupHierarchies(mountInfo: string): readonly CgroupHierarchy[] {
  return mountInfo.split("\n").flatMap((line) => {
    const separator = line.indexOf(" - cgroup");
    if (separator < 0) return [];
    const [type, , superOptions = ""] = line.slice(separator + " - ".length).split(" ");
    const [, , , root, mountPoint] = line.slice(0, separator).split(" ");
    if (root === undefined || mountPoint === undefined) return [];
    const controllers = type === "cgroup" ? superOptions.split(",") : undefined;
    return [{ controllers, root: unescapeMountPath(root), mountPoint: unescapeMountPath(mountPoint) }];
  });
}
