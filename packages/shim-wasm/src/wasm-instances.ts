// SPDX-License-Identifier: Apache-2.0
import { ociInstances, type CreateInstance } from "@runwasi/containerd-shimkit";
import { decideWorkload } from "./decide-workload.ts";
import type { EngineModule } from "./engine-module.ts";
import type { Engine } from "./engine.ts";

/** Makes the containers of a Wasm shim: the engine's and native ones. */
export function wasmInstances(engine: Engine, engines: readonly (Engine | EngineModule)[]): CreateInstance {
  return ociInstances(decideWorkload(engine, engines));
}
