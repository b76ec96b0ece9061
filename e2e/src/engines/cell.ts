// SPDX-License-Identifier: Apache-2.0
import { differencesOf, type ContainerDifference } from "../known-differences.ts";
import type { CaseContext, EngineCase } from "./engine-case.ts";
import { findUnsupported, type Unsupported } from "./unsupported.ts";

/**
 * What came of a case on an engine.
 *
 * - `pass`: all is as it should be, but for differences that are listed.
 * - `unsupported`: it failed as engines-unsupported.json says.
 * - `failed`: neither.
 */
export type Cell =
  | { readonly kind: "pass"; readonly differences: readonly ContainerDifference[] }
  | { readonly kind: "unsupported"; readonly entry: Unsupported }
  | { readonly kind: "failed"; readonly problem: string };

/** Runs a case. Throws nothing: what goes wrong is in the cell. */
export async function runCell(context: CaseContext, engineCase: EngineCase): Promise<Cell> {
  const { engine } = context;
  const entry = findUnsupported(engine, engineCase.name);
  try {
    await engineCase.check(context);
  } catch (error) {
    const problem = Bun.stripANSI(error instanceof Error ? error.message : String(error));
    if (entry === undefined) return { kind: "failed", problem };
    if (new RegExp(entry.failure).test(problem)) return { kind: "unsupported", entry };
    return {
      kind: "failed",
      problem: `listed as not supported, and fails otherwise than by ${entry.failure}: ${problem}`,
    };
  }
  if (entry !== undefined)
    return { kind: "failed", problem: "passes, and engines-unsupported.json lists it as not supported" };
  const { module } = engineCase;
  return { kind: "pass", differences: module === undefined ? [] : differencesOf(engine, module) };
}
