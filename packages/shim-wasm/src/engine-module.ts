// SPDX-License-Identifier: Apache-2.0
import type { Engine } from "./engine.ts";

/** An engine whose description is loaded when it is needed. `start`, which every container waits for, does not need it. */
export interface EngineModule extends Pick<Engine, "name"> {
  load(): Promise<Engine>;
}

/** The description of an engine. */
export async function loadEngine(engine: Engine | EngineModule): Promise<Engine> {
  return "load" in engine ? engine.load() : engine;
}
