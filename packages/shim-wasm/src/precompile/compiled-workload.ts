// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import type { InstanceHost, InstanceRequest } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";
import type { Closure } from "../closure/closure.ts";
import type { WasmConfig } from "../config.ts";
import { bindReadOnly } from "../engine-mounts.ts";
import type { Engine, WasmWorkload } from "../engine.ts";
import type { ImageBlob, WasmProgram } from "../program.ts";
import type { ContainerFiles } from "../rootfs/container-file.ts";
import type { CompiledStore } from "./compiled-store.ts";

/** A container whose module may be compiled ahead of time, and the engine that would run it. */
export interface CompilableContainer {
  readonly engine: Engine;
  readonly program: WasmProgram;
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
 * A workload as it is to be run: compiled, with the mount that brings it, or
 * as it came. What compiles is loaded for modules that are large enough.
 *
 * @throws ShimError as `compiledModule`.
 */
export async function compiledWorkload(
  container: CompilableContainer,
): Promise<{ readonly workload: WasmWorkload; readonly mounts: readonly SpecMount[] }> {
  const { engine, workload, config, program, folder } = container;
  const asItCame = { workload, mounts: [] };
  if (engine.precompiler === undefined || !config.precompile.enabled) return asItCame;
  const compiled =
    program.blob === undefined ? await compiledFile(container) : await compiledLayer(container, program.blob);
  if (compiled === undefined) return asItCame;
  return mountCompiled(workload, compiled, folder);
}

/** Of a module in the container's own files. */
async function compiledFile(container: CompilableContainer): Promise<string | undefined> {
  const { workload, files, config } = container;
  using file = files.open(workload.path);
  if (file === undefined || file.stats.size < config.precompile.minimumModuleBytes) return undefined;
  const { compiledModule } = await import("./compiled-module.ts");
  const store = await nodeStore(container);
  return await compiledModule({ ...container, module: { path: file.descriptorPath }, store });
}

/** Of a layer: kept by containerd beside it, where containerd keeps it on this host. */
async function compiledLayer(container: CompilableContainer, blob: ImageBlob): Promise<string | undefined> {
  const { config, host, request } = container;
  if (statSync(blob.path).size < config.precompile.minimumModuleBytes) return undefined;
  const { compiledModule, digestsFolder } = await import("./compiled-module.ts");
  const { createContentStore } = await import("./content-store.ts");
  const store = blob.isCopy
    ? await nodeStore(container)
    : createContentStore({
        address: host.containerdAddress,
        namespace: request.namespace,
        digests: digestsFolder(host.stateDir),
      });
  return await compiledModule({ ...container, module: blob, store });
}

async function nodeStore({ config, host }: CompilableContainer): Promise<CompiledStore> {
  const { digestsFolder } = await import("./compiled-module.ts");
  const { createNodeStore } = await import("./node-store.ts");
  return createNodeStore({
    folder: config.precompile.folder,
    limitBytes: config.precompile.folderLimitBytes,
    digests: digestsFolder(host.stateDir),
  });
}

/** A workload run from a compiled file of the host's, in the engine's own folder: no image has a hand in it. */
function mountCompiled(
  workload: WasmWorkload,
  compiled: string,
  folder: string,
): { readonly workload: WasmWorkload; readonly mounts: readonly SpecMount[] } {
  const path = `${folder}/compiled`;
  return { workload: { ...workload, path, precompiled: true }, mounts: [bindReadOnly(compiled, path)] };
}
