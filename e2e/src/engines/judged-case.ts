// SPDX-License-Identifier: Apache-2.0
import {
  judgeRun,
  TEST_COMPONENTS,
  TEST_MODULES,
  writeFixtures,
  type RunOutcome,
  type TestModule,
  type TestRun,
} from "@runwasi/test-modules";
import { runContainer } from "../harness/run.ts";
import { writeSpec } from "../harness/spec.ts";
import { IN_CONTAINERS } from "../known-differences.ts";
import type { CaseContext, EngineCase } from "./engine-case.ts";

/** A judged module takes a second or two; one that hangs shall not hold up the suite. */
const RUN_TIMEOUT_MS = 25_000;

/** The case of a test module that knows itself how it is run and what has to come of it. */
export function judgedCase(name: string, title: string): EngineCase {
  const module = [...TEST_MODULES, ...TEST_COMPONENTS].find((candidate) => candidate.name === name);
  if (module === undefined || module.runs.length === 0)
    throw new Error(`cannot judge test module "${name}": it has no runs`);
  return { name, title, module: name, check: (context) => checkRuns(context, module) };
}

async function checkRuns(context: CaseContext, module: TestModule): Promise<void> {
  const problems: string[] = [];
  for (const run of module.runs) {
    const outcome = withoutContainerDifferences(module, run, await runInOwnRoot(context, module, run));
    problems.push(...judgeRun({ engine: context.engine, module, run, outcome }));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** Its rootfs holds the module and the fixtures of the run, nothing else. */
async function runInOwnRoot(
  { engine, containerd, module }: CaseContext,
  { name }: TestModule,
  run: TestRun,
): Promise<RunOutcome> {
  const files = [{ kind: "file", path: `${name}.wasm`, content: module(name) }] as const;
  const { id, flags, rootfs } = await writeSpec(containerd, files, {
    process: { args: [`/${name}.wasm`, ...run.args], env: run.env, cwd: "/" },
  });
  await writeFixtures(rootfs, run.root ?? []);
  const stdin = run.stdin ?? "";
  try {
    return await runContainer(containerd, { runtime: engine, id, flags, stdin, timeoutMs: RUN_TIMEOUT_MS });
  } catch (error) {
    // What hangs would go on computing beside the cases that follow.
    await containerd.ctr(["task", "kill", "--signal", "SIGKILL", id]);
    throw error;
  }
}

/** As the outcome would be outside a container, for judgeRun, which knows of none. */
function withoutContainerDifferences(
  { name }: TestModule,
  { exitCode }: TestRun,
  outcome: RunOutcome,
): RunOutcome {
  const checks = IN_CONTAINERS.filter(({ module }) => module === name).map(({ check }) => check);
  const lines = outcome.stdout.split("\n").map((line) => {
    const check = checks.find((known) => line.startsWith(`not ok ${known}: `));
    return check === undefined ? line : `ok ${check}`;
  });
  const stdout = lines.join("\n");
  const isOnlyThat = stdout !== outcome.stdout && !stdout.includes("not ok ") && outcome.exitCode === 1;
  return { ...outcome, stdout, exitCode: isOnlyThat ? exitCode : outcome.exitCode };
}
