// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import type { Containerd } from "./containerd.ts";
import { writeRootfs } from "./rootfs.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonMap = { readonly [name: string]: Json };

/** A container whose spec a test writes itself, for what `ctr run` has no flag for. */
export interface SpecRun {
  readonly id: string;
  /** For `Run.flags`; such a run names no image and no arguments. */
  readonly flags: readonly string[];
  readonly rootfs: string;
  readonly spec: JsonMap;
}

/**
 * Writes a rootfs and a spec: containerd's default one with `patch` over it, member by member one level below
 * `process` and `linux`, whole for the rest.
 */
export async function writeSpec(
  containerd: Containerd,
  files: readonly TarEntry[],
  patch: JsonMap,
): Promise<SpecRun> {
  const id = containerd.nextId();
  const rootfs = join(containerd.folder, `spec-${id}`, "rootfs");
  await writeRootfs(rootfs, files);
  return writeSpecFor(containerd, { id, rootfs }, patch);
}

/** The same for a rootfs that is there. */
export async function writeSpecFor(
  containerd: Containerd,
  { id, rootfs }: Pick<SpecRun, "id" | "rootfs">,
  patch: JsonMap,
): Promise<SpecRun> {
  const folder = join(containerd.folder, `spec-${id}`);
  await mkdir(folder, { recursive: true });
  const { stdout } = await containerd.ctr(["oci", "spec"]);
  const base: unknown = JSON.parse(stdout);
  const defaults = toMap(base);
  const spec: JsonMap = {
    ...defaults,
    root: { path: rootfs },
    ...patch,
    process: { ...toMap(defaults["process"]), ...toMap(patch["process"]) },
    linux: {
      ...toMap(defaults["linux"]),
      cgroupsPath: `/${containerd.namespace}/${id}`,
      ...toMap(patch["linux"]),
    },
  };
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(spec));
  return { id, flags: ["--config", config], rootfs, spec };
}

/** A member of a spec that holds members; empty when it is not there. */
export function toMap(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
