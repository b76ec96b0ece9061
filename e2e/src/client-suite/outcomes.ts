// SPDX-License-Identifier: Apache-2.0

/** What `go test` says of a test. */
export type Outcome = "pass" | "fail" | "skip";

/** A test that ran, and what it said. */
export interface TestOutcome {
  readonly outcome: Outcome;
  readonly said: string;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { PASS: "pass", FAIL: "fail", SKIP: "skip" };
/** containerd's client repeats its own log in a test's. */
const LOG_LINE = /^ +log_hook\.go:\d+: /;
/** `=== NAME  TestX`, or `--- PASS: TestX (0.01s)` after spaces; https://pkg.go.dev/cmd/test2json */
const MARKER = /^ *(?:=== \w+ +(\S*)|--- (PASS|FAIL|SKIP): (\S+) \(\d+\.\d+s\))$/;

/** Stands before a marker, should what a test prints look like one. */
const SYNCHRONOUS_IDLE = "\u0016";

/** Reads what a test executable printed under `-test.v=test2json`: each test that has no subtests, by its whole name. */
export function parseOutcomes(output: string): ReadonlyMap<string, TestOutcome> {
  const outcomes = new Map<string, Outcome>();
  const said = new Map<string, string>();
  let current = "";
  for (const line of output.split("\n")) {
    const [, running, word, ended] = MARKER.exec(line.replace(SYNCHRONOUS_IDLE, "")) ?? [];
    if (running !== undefined) current = running;
    else if (word !== undefined && ended !== undefined) outcomes.set(ended, OUTCOMES[word] ?? "fail");
    else if (!LOG_LINE.test(line)) said.set(current, `${said.get(current) ?? ""}${line}\n`);
  }
  const parents = new Set(outcomes.keys().flatMap(parentsOf));
  const leaves = outcomes.entries().filter(([name]) => !parents.has(name));
  return new Map(leaves.map(([name, outcome]) => [name, { outcome, said: said.get(name) ?? "" }]));
}

function parentsOf(name: string): readonly string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
