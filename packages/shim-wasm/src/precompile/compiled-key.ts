// SPDX-License-Identifier: Apache-2.0
import type { CompiledKey } from "./compiled-store.ts";

/** To be raised when something else than what is in a key comes to matter: nothing that was kept is found then. */
const KEY_VERSION = 1;

/** All that compiled code depends on. */
export interface CompiledFrom {
  /** `sha256:…` */
  readonly module: string;
  readonly engine: string;
  readonly version: string;
  /** As `cpuFeatures` has it. */
  readonly cpu: string;
  /** SHA-256 of the executable, its loader and its shared objects. */
  readonly closure: readonly string[];
  /** The command that compiles: every option that affects it is there, and every variable. */
  readonly args: readonly string[];
  readonly env: readonly string[];
}

/** The key of a compiled file. The order of the closure does not matter, which the loader may change. */
export function compiledKey({ module, engine, version, cpu, closure, args, env }: CompiledFrom): CompiledKey {
  const parts = [KEY_VERSION, module, engine, version, cpu, [...closure].sort(), args, env];
  const id = new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("hex");
  return { engine, module, id };
}
