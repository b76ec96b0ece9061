// SPDX-License-Identifier: Apache-2.0
import {
  ShimError,
  type DecideWorkload,
  type InstanceHost,
  type InstanceRequest,
  type SignalDelivery,
  type Workload,
} from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";
import { findExecutable } from "@runwasi/oci-runtime";
import { assertAccepted } from "./assert-accepted.ts";
import { closureOf } from "./closure/closure.ts";
import { parseConfig, type WasmConfig } from "./config.ts";
import type { RunningContainer } from "./decide-exec.ts";
import { bindReadOnly, engineFolder, mountEngine } from "./engine-mounts.ts";
import { engineProcess } from "./engine-process.ts";
import { assertEngineVersion } from "./engine-version.ts";
import type { EngineModule } from "./engine-module.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { readNodeConfig } from "./node-config.ts";
import { compiledWorkload } from "./precompile/compiled-workload.ts";
import { findProgram, type Program, type WasmProgram } from "./program.ts";
import { containerFiles, type ContainerFiles } from "./rootfs/container-file.ts";
import { wasmWorkload } from "./wasm-workload.ts";

/** CRIU would restore an engine only beside files of the very same build, and JIT compilers' mappings not at all. */
const NO_CHECKPOINT = "a Wasm engine's process cannot be restored (keep the state in a volume)";
const AS_SENT: SignalDelivery = { kind: "as-sent" };

/** What it lists, the engine's loader would load: the image must not say. ld.so(8). */
const PRELOAD_LIST = "/etc/ld.so.preload";

/**
 * Decides for every container which executor runs it: the OCI runtime as it came, or the engine. WebAssembly is
 * recognised positively; everything else is the OCI runtime's.
 *
 * @param engines all of which the node's configuration may speak
 */
export function decideWorkload(engine: Engine, engines: readonly (Engine | EngineModule)[]): DecideWorkload {
  const others = engines.map(({ name }) => name).filter((name) => name !== engine.name);
  return async (spec, request, host) => {
    const { id, bundle, options } = request;
    const config = await parseConfig(readNodeConfig(), options.rest, engine, engines);
    const container = { id, engine, others, config };
    const files = containerFiles(bundle.path, spec);
    const program = await orOfImage(findProgram(spec, files), { engine, spec, request, host });
    assertAccepted(program.kind === "wasm" ? "wasm" : "native", spec, config);
    const native = {
      signals: AS_SENT,
      exec: execIn({ ...container, bundle: bundle.path, mounted: undefined }),
    };
    switch (program.kind) {
      case "native":
        return { ...native, description: "native container" };
      case "missing":
      case "unknown":
        return { ...native, description: "program of unknown kind", doubt: program.doubt };
      case "wasm":
        files.ensureDirectory(spec.process?.cwd ?? "/");
        return await runOnEngine({
          program,
          workload: wasmWorkload(program, spec, files, container),
          container: { ...container, bundle: bundle.path },
          spec,
          files,
          request,
          host,
        });
      default:
        return program satisfies never;
    }
  };
}

interface ImageOf {
  readonly engine: Engine;
  readonly spec: RuntimeSpec;
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
}

/** What is not among the container's files may be a layer of its image: only then is containerd asked. */
async function orOfImage(found: Program, { engine, spec, request, host }: ImageOf): Promise<Program> {
  if (found.kind !== "missing") return found;
  const { imageProgram } = await import("./artifact/image-program.ts");
  const name = spec.process?.args?.[0] ?? "";
  return (await imageProgram({ engine, name, folder: engineFolder(spec), request, host })) ?? found;
}

/** Loaded when something is executed, which most containers never see. */
function execIn(container: RunningContainer): NonNullable<Workload["exec"]> {
  return async (process, spec) => (await import("./decide-exec.ts")).decideExec(container, process, spec);
}

interface Decided {
  readonly program: WasmProgram;
  readonly workload: WasmWorkload;
  readonly container: Omit<RunningContainer, "mounted">;
  readonly spec: RuntimeSpec;
  readonly files: ContainerFiles;
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
}

async function runOnEngine(decided: Decided): Promise<Workload> {
  const { program, workload, container, spec, host } = decided;
  const { engine, config } = container;
  const executable = findEngine(engine, workload, config);
  const version =
    engine.executable.kind === "installed"
      ? await assertEngineVersion(executable, engine.executable, host)
      : "";
  const closure = await closureOf(executable, host);
  const { mounts, argv, folder } = mountEngine(spec, closure);
  const mounted = { argv, folder };
  const compiled = await compiledWorkload({ ...decided, engine, closure, version, config, folder });
  const layer = program.blob === undefined ? [] : [bindReadOnly(program.blob.path, program.path)];
  const { process, signals } = engineProcess(engine, compiled.workload, mounted, spec.process);
  return {
    description: `WebAssembly ${workload.format.kind} on ${engine.name}`,
    signals,
    exec: execIn({ ...container, mounted, program }),
    noCheckpoint: NO_CHECKPOINT,
    spec: {
      ...spec,
      process,
      mounts: [...(spec.mounts ?? []), ...mounts, ...layer, ...compiled.mounts],
      linux: { ...spec.linux, maskedPaths: [...maskedPaths(spec), PRELOAD_LIST] },
    },
  };
}

function maskedPaths({ linux }: RuntimeSpec): readonly unknown[] {
  const paths = linux?.["maskedPaths"];
  return Array.isArray(paths) ? paths : [];
}

function findEngine(engine: Engine, workload: WasmWorkload, { enginePath }: WasmConfig): string {
  if (engine.executable.kind === "embedded") return ownExecutable();
  const name = enginePath ?? engine.executable.name;
  const found = findExecutable(name, `${process.env["PATH"] ?? ""}:/usr/local/bin:/usr/bin:/bin`);
  if (found !== undefined) return found;
  const remedy = `put it on containerd's PATH, or set "${engine.name}.path" in the node's configuration`;
  throw new ShimError(
    "FailedPrecondition",
    `cannot run "${workload.path}": there is no engine "${name}" (${remedy})`,
  );
}

// Where this executable was replaced while this daemon serves a pod, the new one is at the old one's place: what comes to the
// pod from then on runs on that. proc_pid_exe(5).
function ownExecutable(): string {
  return process.execPath.replace(/ \(deleted\)$/, "");
}
