// SPDX-License-Identifier: Apache-2.0
import { parseChecks } from "./checks.ts";
import { KNOWN_DIFFERENCES, type KnownDifference } from "./known-differences.ts";
import type { TestModule, TestRun } from "./test-module.ts";

/** What came of running a module. */
export interface RunOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run to be judged; `engine` is a name as in known-differences.json. */
export interface JudgedRun {
  readonly engine: string;
  readonly module: TestModule;
  readonly run: TestRun;
  readonly outcome: RunOutcome;
}

/**
 * What was not as it should be, one line each; empty when all was well. A known difference is well, and one that
 * is no longer there is not: its entry has to go.
 */
export function judgeRun({ engine, module, run, outcome }: JudgedRun): readonly string[] {
  const known = KNOWN_DIFFERENCES.filter((entry) => entry.engine === engine && entry.module === module.name);
  const checks = parseChecks(outcome.stdout);
  const failed = checks.filter((check) => !check.isOk);
  const problems = wholeRunProblems(module, run, outcome, checks.length);
  if (known.some((entry) => entry.check === "*" || entry.check === run.args.join(" "))) {
    return failed.length + problems.length > 0 ? [] : [`${module.name}: a known difference is gone`];
  }
  const isKnown = (name: string): boolean => known.some((entry) => entry.check === name);
  const unexpected = failed.filter((check) => !isKnown(check.name));
  const onlyKnown = failed.length > 0 && unexpected.length === 0;
  return [
    ...unexpected.map((check) => `${module.name}: ${check.name}: ${check.answer}`),
    ...goneDifferences(
      module,
      run,
      known,
      checks.filter((check) => check.isOk).map((check) => check.name),
    ),
    // A conformance module exits with 1 when a check failed, known or not.
    ...(onlyKnown && outcome.exitCode === 1 ? [] : problems),
  ];
}

function wholeRunProblems(module: TestModule, run: TestRun, outcome: RunOutcome, checks: number): string[] {
  const title = [module.name, ...run.args].join(" ");
  const problems: string[] = [];
  const { exitCode, stdout, stderr } = outcome;
  if (exitCode !== run.exitCode)
    problems.push(`${title}: exit code ${exitCode}, not ${run.exitCode}: ${stderr}`);
  if (run.stdout !== undefined && stdout !== run.stdout)
    problems.push(`${title}: stdout ${JSON.stringify(stdout)}`);
  if (run.stderr !== undefined && stderr !== run.stderr)
    problems.push(`${title}: stderr ${JSON.stringify(stderr)}`);
  if (module.isConformance && checks === 0) problems.push(`${title}: it printed no checks: ${stderr}`);
  return problems;
}

function goneDifferences(
  module: TestModule,
  run: TestRun,
  known: readonly KnownDifference[],
  passed: readonly string[],
): string[] {
  const names = new Set([...passed, ...(module.isConformance ? [] : [run.args.join(" ")])]);
  return known
    .filter((entry) => names.has(entry.check))
    .map((entry) => `${module.name}: ${entry.check}: a known difference is gone`);
}
