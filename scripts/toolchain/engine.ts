// SPDX-License-Identifier: Apache-2.0
import { ensureWamr } from "./wamr.ts";
import { ensureWasmedge } from "./wasmedge.ts";
import { ensureWasmer } from "./wasmer.ts";
import { ensureWasmtime } from "./wasmtime.ts";

/** Engines on which every suite of e2e and the demo run; jsc is part of the shim's own executable. */
export const ENGINES = ["jsc", "wasmtime"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Those, and the engines of the other shims, on which e2e/src/engines.test.ts runs. */
export const INSTALLABLE_ENGINES: readonly InstallableEngine[] = [...ENGINES, "wasmer", "wasmedge", "wamr"];
export type InstallableEngine = EngineName | "wasmer" | "wasmedge" | "wamr";

export function isEngineName(name: string): name is EngineName {
  return ENGINES.some((engine) => engine === name);
}

export function isInstallableEngine(name: string): name is InstallableEngine {
  return INSTALLABLE_ENGINES.some((engine) => engine === name);
}

/** Answers the folder holding an engine's executable, installing it where missing; none for an embedded engine. */
export async function ensureEngine(name: InstallableEngine): Promise<string | undefined> {
  switch (name) {
    case "jsc":
      return undefined;
    case "wasmtime":
      return await ensureWasmtime();
    case "wasmer":
      return await ensureWasmer();
    case "wasmedge":
      return await ensureWasmedge();
    case "wamr":
      return await ensureWamr();
    default:
      return name satisfies never;
  }
}
