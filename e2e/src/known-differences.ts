// SPDX-License-Identifier: Apache-2.0
import { KNOWN_DIFFERENCES } from "@runwasi/test-modules";

/** A check that is not passed in a container, and why. */
export interface ContainerDifference {
  readonly module: string;
  readonly check: string;
  readonly reason: string;
}

/** What differs in a container only, on every engine; everything else is in the file beside the modules. */
export const IN_CONTAINERS: readonly ContainerDifference[] = [
  {
    module: "wasi-environ",
    check: "environ_sizes_get counts the variables",
    reason: "the OCI runtime gives every process a HOME when its spec has none",
  },
];

/** All that an engine is known to do otherwise in a module. */
export function differencesOf(engine: string, module: string): readonly ContainerDifference[] {
  return [...KNOWN_DIFFERENCES.filter((known) => known.engine === engine), ...IN_CONTAINERS].filter(
    (known) => known.module === module,
  );
}

/** Whether an engine is known to do otherwise in a check of a test module, for the reason written down there. */
export function isKnownDifference(engine: string, module: string, check: string): boolean {
  return differencesOf(engine, module).some((known) => known.check === check || known.check === "*");
}

/** Known differences of a module that are not among the checks that failed, and so are none any more. */
export function staleDifferences(engine: string, module: string, failed: readonly string[]): string[] {
  return differencesOf(engine, module)
    .filter(({ check }) => check !== "*")
    .map(({ check }) => check)
    .filter((check) => !failed.includes(check));
}
