// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import { readCgroupHierarchies, type CgroupHierarchy } from "./cgroup-hierarchies.ts";

/** Where the resources of a container are accounted: the directories of its cgroup. */
export type ContainerCgroup =
  | { readonly kind: "v1"; readonly paths: ReadonlyMap<string, string> }
  | { readonly kind: "v2"; readonly path: string };

/** The cgroups of a process by the controllers of their hierarchies, as the kernel names them; "" is cgroup v2. */
export type CgroupMembership = ReadonlyMap<string, string>;

/** A host counts as one of cgroup v1 when one of these is managed there; other controllers can stray. */
const MAIN_CONTROLLERS = ["cpu", "cpuacct", "memory", "pids"];

/**
 * Reads which cgroups a process is in; undefined when it has ended.
 *
 * True only for now: init can end, or move itself to a sub-cgroup. So read it as soon as a container is created, and
 * have it located when the cgroup is first needed.
 */
export function readCgroupMembership(pid: number | "self"): CgroupMembership | undefined {
  try {
    return parseCgroupMembership(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** Parses /proc/PID/cgroup, lines of `id:controllers:path` (cgroups(7)). */
export function parseCgroupMembership(text: string): CgroupMembership {
  const membership = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/s.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(",")) membership.set(controller, path);
  }
  return membership;
}

/** What a membership is seen from. */
export interface CgroupView {
  /** The caller's own membership. */
  readonly own: CgroupMembership | undefined;
  readonly hierarchies: readonly CgroupHierarchy[];
}

/** The view of this process; reading mountinfo takes milliseconds on a host of thousands of mounts. */
function readCgroupView(): CgroupView {
  return { own: readCgroupMembership("self"), hierarchies: readCgroupHierarchies() };
}

/**
 * Turns a membership into directories, leaving out the cgroups that the caller is in as well: a runtime that is
 * told to manage no cgroups, or not all, leaves init where the shim is, and what is accounted there, and the
 * pids, are not the container's.
 *
 * @throws ShimError NotFound when nothing is left.
 */
export function locateCgroup(
  membership: CgroupMembership,
  view: CgroupView = readCgroupView(),
): ContainerCgroup {
  const paths = new Map<string, string>();
  for (const [controller, cgroup] of membership) {
    if (cgroup === view.own?.get(controller)) continue;
    const path = directoryOf(controller, cgroup, view.hierarchies);
    if (path !== undefined) paths.set(controller, path);
  }
  const unified = paths.get("");
  paths.delete("");
  // A hybrid host has v1 controllers and a v2 hierarchy that controls nothing.
  if (unified !== undefined && !isManagedByV1(view.hierarchies)) return { kind: "v2", path: unified };
  if (paths.size > 0) return { kind: "v1", paths };
  throw new ShimError("NotFound", "cannot find the cgroup of a container: it has none of its own");
}

function isManagedByV1(hierarchies: readonly CgroupHierarchy[]): boolean {
  return hierarchies.some(({ controllers }) => MAIN_CONTROLLERS.some((name) => controllers?.includes(name)));
}

function directoryOf(
  controller: string,
  cgroup: string,
  hierarchies: readonly CgroupHierarchy[],
): string | undefined {
  for (const { controllers, root, mountPoint } of hierarchies) {
    const isIt = controller === "" ? controllers === undefined : controllers?.includes(controller) === true;
    if (!isIt) continue;
    const below = pathBelow(root, cgroup);
    if (below !== undefined) return below === "" ? mountPoint : `${mountPoint}/${below}`;
  }
  return undefined;
}

/**
 * The way from the root of a mount to a cgroup, both counted from the root of the caller's cgroup namespace;
 * undefined when the mount does not show it. They can begin with `..` (cgroup_namespaces(7)), and then only
 * what they have in common to the letter is known to be the same.
 */
function pathBelow(root: string, cgroup: string): string | undefined {
  const from = segments(root);
  const to = segments(cgroup);
  if (from.some((segment, index) => segment !== to[index])) return undefined;
  const below = to.slice(from.length);
  return below.includes("..") ? undefined : below.join("/");
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}
