// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { unescapeMountPath } from "../linux/mountinfo.ts";

/** The field of a line of mountinfo that holds the mount point; proc_pid_mountinfo(5) counts it as the fifth. */
const MOUNT_POINT_FIELD = 4;

/** The mount points below a directory, deepest first, that it itself is not one of. */
export function mountPointsBelow(directory: string): readonly string[] {
  return selectBelow(readFileSync("/proc/self/mountinfo", "utf8"), directory);
}

/** Picks the mount points below an absolute directory out of the text of mountinfo, the latest mounted first. */
export function selectBelow(mountInfo: string, directory: string): readonly string[] {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  return mountInfo
    .split("\n")
    .map((line) => unescapeMountPath(line.split(" ", MOUNT_POINT_FIELD + 1)[MOUNT_POINT_FIELD] ?? ""))
    .filter((mountPoint) => mountPoint.startsWith(prefix))
    .toReversed();
}
