// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import type { RuntimeSpec } from "@runwasi/oci";
import type { Preopen } from "./engine.ts";
import { normalizePath, type ContainerFiles } from "./rootfs/container-file.ts";

/** Of the kernel's and the engine's, which guests do not look into. */
const LEFT_OUT: ReadonlySet<string> = new Set(["/dev", "/proc", "/sys"]);
/** A root of more entries is not the root of a system. */
const MAX_ENTRIES = 1_000;

/** The preopens with `/` replaced by the folders that the container will have there; the others as they are. */
export function rootFolders(
  preopens: readonly Preopen[],
  spec: RuntimeSpec,
  files: ContainerFiles,
): readonly Preopen[] {
  return preopens.flatMap((preopen) =>
    preopen.containerPath === "/" && preopen.guestPath === "/" ? foldersOfRoot(spec, files) : [preopen],
  );
}

function foldersOfRoot({ mounts = [] }: RuntimeSpec, files: ContainerFiles): readonly Preopen[] {
  using root = files.open("/");
  const names = root === undefined ? [] : readdirSync(root.descriptorPath).slice(0, MAX_ENTRIES);
  const mounted = mounts.map(({ destination }) => `/${normalizePath(destination).split("/")[1] ?? ""}`);
  const paths = new Set([
    ...names.map((name) => `/${name}`).filter((path) => isFolder(path, files)),
    ...mounted,
  ]);
  return [...paths]
    .filter((path) => path !== "/" && !path.startsWith("/.") && !path.includes(":") && !LEFT_OUT.has(path))
    .sort()
    .map((path) => ({ containerPath: path, guestPath: path }));
}

function isFolder(path: string, files: ContainerFiles): boolean {
  using file = files.open(path);
  return file?.stats.isDirectory() ?? false;
}
