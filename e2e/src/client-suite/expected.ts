// SPDX-License-Identifier: Apache-2.0
import entries from "../../client-suite-expected.json";
import type { Runtime } from "../harness/runtimes.ts";
import type { TestOutcome } from "./outcomes.ts";

/** Tests of the suite that do not pass. */
interface Expected {
  readonly tests: readonly string[];
  readonly outcome: string;
  readonly reason: string;
  /** Where they do not; everywhere when left out. */
  readonly runtimes?: readonly string[];
}

const EXPECTED: readonly Expected[] = entries;

/** What came otherwise than the checked-in file says, one line each: a pass that is listed there, too. */
export function deviations(runtime: Runtime, outcomes: ReadonlyMap<string, TestOutcome>): readonly string[] {
  const listed = new Map(
    expectedOf(runtime).flatMap(({ tests, outcome }) => tests.map((name) => [name, outcome])),
  );
  const missing = listed.keys().filter((name) => !outcomes.has(name));
  const other = outcomes.entries().filter(([name, { outcome }]) => outcome !== (listed.get(name) ?? "pass"));
  return [
    ...missing.map((name) => `${name} is listed and did not run`),
    ...other.map(([name, { outcome, said }]) => {
      return `${name}: ${outcome} instead of ${listed.get(name) ?? "pass"}\n${said.slice(0, 3000)}`;
    }),
  ];
}

function expectedOf(runtime: Runtime): readonly Expected[] {
  return EXPECTED.filter(({ runtimes }) => runtimes?.includes(runtime) ?? true);
}
