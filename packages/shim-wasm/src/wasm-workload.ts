// SPDX-License-Identifier: Apache-2.0
import type { RuntimeSpec } from "@runwasi/oci";
import { readAnnotations } from "./annotations.ts";
import { assertRunnable } from "./checks.ts";
import { chooseOptions } from "./choose-options.ts";
import type { WasmConfig } from "./config.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { findEntry } from "./entry.ts";
import { assertConfined, choosePreopens } from "./preopens.ts";
import type { WasmProgram } from "./program.ts";
import { rootFolders } from "./root-folders.ts";
import type { ContainerFiles } from "./rootfs/container-file.ts";

/** The annotation that narrows what a guest may open. */
const PREOPENS = "preopens";

/** What decides how Wasm runs in a container: its init, and what is executed beside it. */
export interface WasmContainer {
  readonly id: string;
  readonly engine: Engine;
  /** The other engines of which the node's configuration may speak. */
  readonly others: readonly string[];
  readonly config: WasmConfig;
}

/**
 * What the engine is asked to run for `spec.process`, within what the node and the pod allow.
 *
 * @throws ShimError InvalidArgument or PermissionDenied with the reason, before anything runs.
 */
export function wasmWorkload(
  program: WasmProgram,
  spec: RuntimeSpec,
  files: ContainerFiles,
  { id, engine, others, config }: WasmContainer,
): WasmWorkload {
  const asked = askedOptions(engine, readAnnotations(spec, id, annotationsOf(engine), others));
  const env = spec.process?.env ?? [];
  const workload: WasmWorkload = {
    path: program.path,
    format: program.format,
    entry: findEntry(program.format, program.invoke, env),
    args: spec.process?.args ?? [],
    env,
    preopens: choosePreopens(config, asked.preopens, spec.process?.cwd ?? "/"),
    options: chooseOptions(engine, config, asked.options),
  };
  assertRunnable(engine, workload);
  assertConfined(workload.preopens, config.maximumPreopens, files);
  if (!engine.preopensRootFolders) return workload;
  return { ...workload, preopens: rootFolders(workload.preopens, spec, files) };
}

function annotationsOf({ name, options = {} }: Engine): readonly string[] {
  return [PREOPENS, ...Object.keys(options).map((option) => `${name}.${option}`)];
}

function askedOptions(
  { name }: Engine,
  annotations: ReadonlyMap<string, string>,
): { readonly preopens: string | undefined; readonly options: ReadonlyMap<string, string> } {
  const prefix = `${name}.`;
  const options = [...annotations].flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  return { preopens: annotations.get(PREOPENS), options: new Map(options) };
}
