// SPDX-License-Identifier: Apache-2.0
import {
  ShimError,
  type DecideWorkload,
  type InstanceHost,
  type Workload,
} from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";
import { findExecutable } from "@runwasi/oci-runtime";
import { readAnnotations } from "./annotations.ts";
import { assertRunnable } from "./checks.ts";
import { closureOf } from "./closure/closure.ts";
import { chooseOptions } from "./choose-options.ts";
import { parseConfig, readNodeConfig, type WasmConfig, type WorkloadKind } from "./config.ts";
import { mountEngine } from "./engine-mounts.ts";
import { assertEngineVersion } from "./engine-version.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { findEntry } from "./entry.ts";
import { assertConfined, choosePreopens } from "./preopens.ts";
import { rootFolders } from "./root-folders.ts";
import { findProgram } from "./program.ts";
import { containerFiles } from "./rootfs/container-file.ts";

const NO_SIGNAL_MAP: ReadonlyMap<number, number> = new Map();

/** The annotation that narrows what a guest may open. */
const PREOPENS = "preopens";

/** What it lists, the engine's loader would load: the image must not say. ld.so(8). */
const PRELOAD_LIST = "/etc/ld.so.preload";

/**
 * Decides for every container which executor runs it: the OCI runtime as it came, or the engine. WebAssembly is
 * recognised positively; everything else is the OCI runtime's.
 *
 * @param engines all of which the node's configuration may speak
 */
export function decideWorkload(engine: Engine, engines: readonly Engine[]): DecideWorkload {
  const others = engines.map(({ name }) => name).filter((name) => name !== engine.name);
  return async (spec, { id, bundle, options }, host) => {
    const config = parseConfig(readNodeConfig(), options.rest, engine, engines);
    const files = containerFiles(bundle.path, spec);
    const program = findProgram(spec, files);
    assertAccepted(program.kind === "wasm" ? "wasm" : "native", spec, config);
    switch (program.kind) {
      case "native":
        return { description: "native container", signals: { kind: "as-sent" } };
      case "missing":
      case "unknown":
        return { description: "program of unknown kind", signals: { kind: "as-sent" }, doubt: program.doubt };
      case "wasm": {
        const asked = askedOptions(engine, readAnnotations(spec, id, annotationsOf(engine), others));
        const cwd = spec.process?.cwd ?? "/";
        const env = spec.process?.env ?? [];
        const workload: WasmWorkload = {
          path: program.path,
          format: program.format,
          entry: findEntry(program.format, program.invoke, env),
          args: spec.process?.args ?? [],
          env,
          preopens: choosePreopens(config, asked.preopens, cwd),
          options: chooseOptions(engine, config, asked.options),
        };
        assertRunnable(engine, workload);
        files.ensureDirectory(cwd);
        assertConfined(workload.preopens, config.maximumPreopens, files);
        const preopens = engine.preopensRootFolders
          ? rootFolders(workload.preopens, spec, files)
          : workload.preopens;
        return await runOnEngine({ engine, workload: { ...workload, preopens }, spec, config, host });
      }
      default:
        return program satisfies never;
    }
  };
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

/** A pod's own first container, such as `pause`, which is the node's choice and native always. */
function isSandbox({ annotations }: RuntimeSpec): boolean {
  return annotations?.["io.kubernetes.cri.container-type"] === "sandbox";
}

function assertAccepted(kind: WorkloadKind, spec: RuntimeSpec, { workloads }: WasmConfig): void {
  if (workloads.includes(kind) || isSandbox(spec)) return;
  const program = spec.process?.args?.[0] ?? "";
  const what = kind === "wasm" ? "WebAssembly" : "not WebAssembly";
  throw new ShimError(
    "PermissionDenied",
    `cannot run "${program}": it is ${what}, and the node accepts ${workloads.join(", ") || "nothing"} only (option "workloads")`,
  );
}

interface Decided {
  readonly engine: Engine;
  readonly workload: WasmWorkload;
  readonly spec: RuntimeSpec;
  readonly config: WasmConfig;
  readonly host: InstanceHost;
}

async function runOnEngine({ engine, workload, spec, config, host }: Decided): Promise<Workload> {
  const executable = findEngine(engine, workload, config);
  if (engine.executable.kind === "installed") await assertEngineVersion(executable, engine.executable, host);
  const closure = await closureOf(executable, host);
  const { mounts, argv, folder } = mountEngine(spec, closure);
  const { args, env, signalMap } = engine.command(workload, folder);
  return {
    description: `WebAssembly ${workload.format.kind} on ${engine.name}`,
    signals: { kind: "terminate", map: signalMap ?? NO_SIGNAL_MAP },
    spec: {
      ...spec,
      // The engine works from the root: what lies in the guest's working directory is not its configuration.
      process: { ...spec.process, cwd: "/", args: [...argv, ...args], env: [...env] },
      mounts: [...(spec.mounts ?? []), ...mounts],
      linux: { ...spec.linux, maskedPaths: [...maskedPaths(spec), PRELOAD_LIST] },
    },
  };
}

function maskedPaths({ linux }: RuntimeSpec): readonly unknown[] {
  const paths = linux?.["maskedPaths"];
  return Array.isArray(paths) ? paths : [];
}

function findEngine(engine: Engine, workload: WasmWorkload, { enginePath }: WasmConfig): string {
  if (engine.executable.kind === "embedded") return process.execPath;
  const name = enginePath ?? engine.executable.name;
  const found = findExecutable(name, `${process.env["PATH"] ?? ""}:/usr/local/bin:/usr/bin:/bin`);
  if (found !== undefined) return found;
  const remedy = `put it on containerd's PATH, or set "${engine.name}.path" in the node's configuration`;
  throw new ShimError(
    "FailedPrecondition",
    `cannot run "${workload.path}": there is no engine "${name}" (${remedy})`,
  );
}
