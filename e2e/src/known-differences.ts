// SPDX-License-Identifier: Apache-2.0
import { ENGINES, type EngineName } from "../../scripts/toolchain/engine.ts";
import differences from "../../packages/test-modules/known-differences.json";

/** What differs in a container only, on every engine; everything else is in the file beside the modules. */
const IN_CONTAINERS = ENGINES.map((engine) => ({
  engine,
  module: "wasi-environ",
  check: "environ_sizes_get counts the variables",
  reason: "the OCI runtime gives every process a HOME when its spec has none",
}));
const DIFFERENCES = [...differences, ...IN_CONTAINERS];

/** Whether an engine is known to do otherwise in a check of a test module, for the reason written down there. */
export function isKnownDifference(engine: EngineName, module: string, check: string): boolean {
  return DIFFERENCES.some(
    (known) =>
      known.engine === engine && known.module === module && (known.check === check || known.check === "*"),
  );
}

/** Known differences of a module that are not among the checks that failed, and so are none any more. */
export function staleDifferences(engine: EngineName, module: string, failed: readonly string[]): string[] {
  return DIFFERENCES.filter(
    (known) => known.engine === engine && known.module === module && known.check !== "*",
  )
    .map(({ check }) => check)
    .filter((check) => !failed.includes(check));
}
