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
import { parseConfig, type WasmConfig } from "./config.ts";
import { mountEngine } from "./engine-mounts.ts";
import type { Engine, WasmWorkload } from "./engine.ts";
import { assertConfined, choosePreopens } from "./preopens.ts";
import { findProgram } from "./program.ts";
import { containerFiles } from "./rootfs/container-file.ts";

const NO_SIGNAL_MAP: ReadonlyMap<number, number> = new Map();

/** What it lists, the engine's loader would load: the image must not say. ld.so(8). */
const PRELOAD_LIST = "/etc/ld.so.preload";

/**
 * Decides for every container which executor runs it: the OCI runtime as it came, or the engine. WebAssembly is
 * recognised positively; everything else is the OCI runtime's.
 *
 * @param engines names of all engines that runtime options may speak of
 */
export function decideWorkload(engine: Engine, engines: readonly string[]): DecideWorkload {
  return async (spec, { id, bundle, options }, host) => {
    const config = parseConfig(options.rest, engine.name, engines);
    const files = containerFiles(bundle.path, spec);
    const program = findProgram(spec, files);
    switch (program.kind) {
      case "native":
        return { description: "native container", signals: { kind: "as-sent" } };
      case "missing":
      case "unknown":
        return { description: "program of unknown kind", signals: { kind: "as-sent" }, doubt: program.doubt };
      case "wasm": {
        const cwd = spec.process?.cwd ?? "/";
        const asked = readAnnotations(spec, id, ["preopens"]).get("preopens");
        const workload: WasmWorkload = {
          path: program.path,
          format: program.format,
          invoke: program.invoke,
          args: spec.process?.args ?? [],
          env: spec.process?.env ?? [],
          preopens: choosePreopens(config, asked, cwd),
        };
        assertRunnable(engine, workload);
        files.ensureDirectory(cwd);
        assertConfined(workload.preopens, config.maximumPreopens, files);
        return await runOnEngine(engine, workload, spec, config, host);
      }
      default:
        return program satisfies never;
    }
  };
}

async function runOnEngine(
  engine: Engine,
  workload: WasmWorkload,
  spec: RuntimeSpec,
  config: WasmConfig,
  host: InstanceHost,
): Promise<Workload> {
  const closure = await closureOf(findEngine(engine, workload, config), host);
  const { mounts, argv } = mountEngine(spec, closure);
  const { args, env } = engine.command(workload);
  return {
    description: `WebAssembly ${workload.format.kind} on ${engine.name}`,
    signals: { kind: "terminate", map: engine.signalMap ?? NO_SIGNAL_MAP },
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
  const remedy = `put it on containerd's PATH, or set "${engine.name}.path" in the runtime options`;
  throw new ShimError(
    "FailedPrecondition",
    `cannot run "${workload.path}": there is no engine "${name}" (${remedy})`,
  );
}
