// SPDX-License-Identifier: Apache-2.0
import entries from "../../engines-unsupported.json";
import { SHIM_ENGINES } from "../harness/engines.ts";
import { CASES } from "./case-groups.ts";

/** What an engine cannot do, and why that is not ours to mend. */
export interface Unsupported {
  readonly engine: string;
  /** Names of cases. */
  readonly cases: readonly string[];
  /** Completes "not supported by <engine>: ". */
  readonly reason: string;
  /** Where upstream says so, or does so. */
  readonly reference: string;
  /** Expression that the failure of each case matches, so that it fails for this reason and no other. */
  readonly failure: string;
}

const UNSUPPORTED: readonly Unsupported[] = entries;

/** The entry that speaks of a case, undefined when the engine should pass it. */
export function findUnsupported(engine: string, caseName: string): Unsupported | undefined {
  return UNSUPPORTED.find((entry) => entry.engine === engine && entry.cases.includes(caseName));
}

/** What the file says of engines and cases that there are none of, or twice of one. */
export function misspeltEntries(): readonly string[] {
  const spoken = UNSUPPORTED.flatMap(({ engine, cases }) => cases.map((name) => `${engine}: ${name}`));
  const known = SHIM_ENGINES.flatMap((engine) => CASES.map(({ name }) => `${engine}: ${name}`));
  return spoken.filter((name, index) => !known.includes(name) || spoken.indexOf(name) !== index);
}
