// SPDX-License-Identifier: Apache-2.0
import type { InstanceHost, InstanceRequest } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";
import type { Closure } from "../closure/closure.ts";
import type { WasmConfig } from "../config.ts";
import { bindReadOnly } from "../engine-mounts.ts";
import type { Engine, WasmWorkload } from "../engine.ts";
import type { ContainerFiles } from "../rootfs/container-file.ts";

/** A container whose module may be compiled ahead of time, and the engine that would run it. */
export interface CompilableContainer {
  readonly engine: Engine;
  readonly workload: WasmWorkload;
  readonly files: ContainerFiles;
  readonly closure: Closure;
  readonly version: string;
  readonly config: WasmConfig;
  /** As containerd wrote it. */
  readonly spec: RuntimeSpec;
  /** The engine's own folder in the container. */
  readonly folder: string;
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
}

/**
 * A workload whose module lies in the container's own files, as it is to be run: compiled, with the mount that brings it, or
 * as it came. What compiles is loaded for modules that are large enough.
 *
 * @throws ShimError as `compiledModule`.
 */
export async function compiledWorkload(
  container: CompilableContainer,
): Promise<{ readonly workload: WasmWorkload; readonly mounts: readonly SpecMount[] }> {
  const { engine, workload, files, config, folder, host } = container;
  const asItCame = { workload, mounts: [] };
  if (engine.precompiler === undefined || !config.precompile.enabled) return asItCame;
  using file = files.open(workload.path);
  if (file === undefined || file.stats.size < config.precompile.minimumModuleBytes) return asItCame;
  const { compiledModule, precompileNotes } = await import("./compiled-module.ts");
  const { createNodeStore } = await import("./node-store.ts");
  const store = createNodeStore({
    folder: config.precompile.folder,
    limitBytes: config.precompile.folderLimitBytes,
    notes: precompileNotes(host),
  });
  const compiled = await compiledModule({ ...container, module: { path: file.descriptorPath }, store });
  if (compiled === undefined) return asItCame;
  return mountCompiled(workload, compiled, folder);
}

/** A workload run from a compiled file of the host's, in the engine's own folder: no image has a hand in it. */
export function mountCompiled(
  workload: WasmWorkload,
  compiled: string,
  folder: string,
): { readonly workload: WasmWorkload; readonly mounts: readonly SpecMount[] } {
  const path = `${folder}/compiled`;
  return { workload: { ...workload, path, precompiled: true }, mounts: [bindReadOnly(compiled, path)] };
}
