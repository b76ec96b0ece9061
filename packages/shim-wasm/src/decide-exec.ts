// SPDX-License-Identifier: Apache-2.0
import { basename } from "node:path";
import type { ExecWorkload } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec, SpecProcess } from "@runwasi/oci";
import { assertAccepted } from "./assert-accepted.ts";
import { engineProcess, type EngineFiles } from "./engine-process.ts";
import { findProgram, type Program, type WasmProgram } from "./program.ts";
import { containerFiles } from "./rootfs/container-file.ts";
import { wasmWorkload, type WasmContainer } from "./wasm-workload.ts";

/** A container that runs, in which something is to be executed. */
export interface RunningContainer extends WasmContainer {
  /** Folder of the container's spec. */
  readonly bundle: string;
  /** The engine as its files lie in the container; undefined in a native container, which has none. */
  readonly mounted: EngineFiles | undefined;
  /** What its init runs, if that is WebAssembly: a layer of its image is not among the container's files. */
  readonly program?: WasmProgram;
}

/**
 * Decides for an exec as `decideWorkload` does for init: a module, a component or `path#function` runs on the engine in
 * the same container, everything else is the OCI runtime's.
 *
 * @param spec that the container runs with
 * @throws ShimError with the reason why the engine cannot run it.
 */
export function decideExec(
  container: RunningContainer,
  process: SpecProcess,
  spec: RuntimeSpec,
): ExecWorkload {
  const { engine, mounted, config, bundle } = container;
  const files = containerFiles(bundle, spec);
  const own = { ...spec, process };
  const program = orLayer(findProgram(own, files), container, process.args?.[0] ?? "");
  const native: ExecWorkload = { process, signals: { kind: "as-sent" } };
  if (mounted !== undefined) assertAccepted(program.kind === "wasm" ? "wasm" : "native", own, config);
  switch (program.kind) {
    case "native":
      return native;
    case "missing":
    case "unknown":
      return { ...native, doubt: program.doubt };
    case "wasm": {
      if (mounted === undefined) {
        const found = `"${program.path}" is WebAssembly (${program.format.kind}), and the container is native`;
        return { ...native, doubt: `${found}: the engine is not in it` };
      }
      return engineProcess(engine, wasmWorkload(program, own, files, container), mounted, process);
    }
    default:
      return program satisfies never;
  }
}

/** The layer that init runs, by its file name or path, with `#function` or without, where there is no such file. */
function orLayer(found: Program, { program: init }: RunningContainer, name: string): Program {
  if (found.kind !== "missing" || init?.blob === undefined) return found;
  const [, path = name, invoke] = /^(.+)#(.*)$/.exec(name) ?? [];
  return path === init.path || path === basename(init.path) ? { ...init, invoke } : found;
}
