// SPDX-License-Identifier: Apache-2.0
import { runShim, writeStderr, type ShimDefinition } from "@runwasi/containerd-shimkit";
import { loadEngine, type EngineModule } from "./engine-module.ts";
import type { Engine } from "./engine.ts";
import { RUN_GUEST } from "./host/guest-command.ts";
import { daemonScope } from "./node-config.ts";

/** The shim of an engine: runs Wasm with it and everything else as a native container. */
export function wasmShim(
  engine: Engine | EngineModule,
  version: string,
  engines: readonly (Engine | EngineModule)[] = [engine],
): ShimDefinition {
  return {
    name: `io.containerd.${engine.name}.v1`,
    version,
    daemonScope,
    instances: async () => {
      const [{ wasmInstances }, own] = await Promise.all([import("./wasm-instances.ts"), loadEngine(engine)]);
      return wasmInstances(own, engines);
    },
  };
}

/**
 * The whole program of an executable that is the shims of all these engines: which one it is told by the name it is
 * called by, `containerd-shim-<engine>-v1`. Inside a container it is the embedded engine.
 */
export async function runWasmShims(
  engines: readonly (Engine | EngineModule)[],
  version: string,
): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === RUN_GUEST) return runNamedGuest(engines, rest);
  const called = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);
  const engine = engines.find(({ name }) => called === executableName(name));
  if (engine === undefined) {
    const names = engines.map(({ name }) => executableName(name)).join(", ");
    writeStderr(`cannot run as "${process.argv0}": no such shim (call it ${names})\n`);
    process.exitCode = 1;
    return;
  }
  await runShim(wasmShim(engine, version, engines), process.argv.slice(2));
}

function executableName(engine: string): string {
  return `containerd-shim-${engine}-v1`;
}

async function runNamedGuest(
  engines: readonly (Engine | EngineModule)[],
  [name = "", ...argv]: readonly string[],
): Promise<never> {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine === undefined) throw new Error(`engine "${name}" is not part of this executable`);
  return (await import("./host/run-guest.ts")).runGuest(await loadEngine(engine), argv);
}
