// SPDX-License-Identifier: Apache-2.0
import { ensureWasmtime } from "./wasmtime.ts";

/** Engines that a shim can run; jsc is part of the shim's own executable. */
export const ENGINES = ["jsc", "wasmtime"] as const;
export type EngineName = (typeof ENGINES)[number];

export function isEngineName(name: string): name is EngineName {
  return ENGINES.some((engine) => engine === name);
}

/** Answers the folder holding an engine's executable, installing it where missing; none for an embedded engine. */
export async function ensureEngine(name: EngineName): Promise<string | undefined> {
  switch (name) {
    case "jsc":
      return undefined;
    case "wasmtime":
      return await ensureWasmtime();
    default:
      return name satisfies never;
  }
}
