// SPDX-License-Identifier: Apache-2.0
import { basename } from "node:path";
import { ShimError } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";
import type { Closure } from "./closure/closure.ts";
import { normalizePath } from "./rootfs/container-file.ts";

/** The engine in a container: the mounts that bring it there, and the start of its command line. */
export interface MountedEngine {
  readonly mounts: readonly SpecMount[];
  readonly argv: readonly string[];
  /** Where they are, in the container. */
  readonly folder: string;
}

/** On the container's own /dev, a tmpfs: the image's rootfs is not touched and may be read-only. */
const ON_DEV = "/dev/.runwasi";
/** Where /dev is not a tmpfs of the container's own, and a mount point below it would be made on the host. */
const OF_OUR_OWN = "/.runwasi";

// Every flag that the mount of a source may have locked in a user namespace, but for noexec, which would stop the
// engine; mount_namespaces(7).
const BIND_OPTIONS = ["bind", "ro", "nosuid", "nodev"];

/**
 * Mounts an engine's files read-only into a container, one bind mount each.
 *
 * @throws ShimError InvalidArgument when the spec mounts something where the engine goes.
 */
export function mountEngine(spec: RuntimeSpec, { executable, loader, libraries }: Closure): MountedEngine {
  const folder = engineFolder(spec);
  assertFree(spec, folder);
  const at = (path: string) => `${folder}/${basename(path)}`;
  const library = (path: string) => `${folder}/lib/${basename(path)}`;
  const binds = [
    { source: executable, destination: at(executable) },
    ...(loader === undefined ? [] : [{ source: loader, destination: at(loader) }]),
    ...libraries.map((source) => ({ source, destination: library(source) })),
  ].map((bind) => bindReadOnly(bind.source, bind.destination));
  const tmpfs = {
    destination: folder,
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "nodev", "mode=755", "size=64k"],
  };
  const mounts = folder === ON_DEV ? binds : [tmpfs, ...binds];
  if (loader === undefined) return { folder, mounts, argv: [at(executable)] };
  return { folder, mounts, argv: [at(loader), "--library-path", `${folder}/lib`, at(executable)] };
}

/** Where an engine goes in a container, with all that it is brought: no image has a hand in this folder. */
export function engineFolder(spec: RuntimeSpec): string {
  return hasFreshDev(spec) ? ON_DEV : OF_OUR_OWN;
}

/** Mounts a host's file read-only into a container, such that code may be mapped from it. */
export function bindReadOnly(source: string, destination: string): SpecMount {
  return { source, destination, type: "bind", options: [...BIND_OPTIONS] };
}

function hasFreshDev({ mounts = [] }: RuntimeSpec): boolean {
  const dev = mounts.findLast(({ destination }) => normalizePath(destination) === "/dev");
  return dev?.type === "tmpfs";
}

function assertFree({ mounts = [] }: RuntimeSpec, folder: string): void {
  const taken = mounts.find(({ destination }) => `${normalizePath(destination)}/`.startsWith(`${folder}/`));
  if (taken === undefined) return;
  throw new ShimError(
    "InvalidArgument",
    `cannot mount at "${taken.destination}": the path is kept for the engine`,
  );
}
