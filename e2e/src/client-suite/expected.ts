// SPDX-License-Identifier: Apache-2.0
import entries from "../../client-suite-expected.json";
import type { Runtime } from "../harness/runtimes.ts";
import type { TestOutcome } from "./outcomes.ts";

/** Tests of the suite that do not pass. */
interface Expected {
  readonly tests: readonly string[];
  /** `any` for what comes out now one way, now the other. */
  readonly outcome: string;
  readonly reason: string;
  /** Where they do not; everywhere when left out. */
  readonly runtimes?: readonly string[];
}

const EXPECTED: readonly Expected[] = entries;

/** What came otherwise than the checked-in file says, one line each: a pass that is listed there, too. */
export function deviations(
  runtime: Runtime,
  outcomes: ReadonlyMap<string, TestOutcome>,
  entries: readonly Expected[] = EXPECTED,
): readonly string[] {
  const ours = entries.filter(({ runtimes }) => runtimes?.includes(runtime) ?? true);
  const listed = new Map(ours.flatMap(({ tests, outcome }) => tests.map((name) => [name, outcome])));
  const missing = listed.keys().filter((name) => !outcomes.has(name));
  const other = outcomes.entries().flatMap(([name, { outcome, said }]) => {
    const wanted = listed.get(name) ?? "pass";
    return wanted === outcome || wanted === "any" ? [] : [`${name}: ${outcome}, not ${wanted}\n${said}`];
  });
  return [...missing.map((name) => `${name} is listed and did not run`), ...other];
}
