// SPDX-License-Identifier: Apache-2.0
import { runCell, type Cell } from "./cell.ts";
import type { CaseContext, EngineCase } from "./engine-case.ts";

/** Cases at the same time. Most of a case is waiting, for two processors too. */
const CONCURRENCY = 4;

/** The cells of the table, run or to be run. */
export interface Cells {
  cell(engine: string, caseName: string): Promise<Cell>;
  /** Resolves when all have been run. */
  readonly ended: Promise<unknown>;
}

interface Job extends PromiseWithResolvers<Cell> {
  readonly context: CaseContext;
  readonly engineCase: EngineCase;
}

/** Starts to run every case on every engine, engine by engine, some at the same time. */
export function startCells(contexts: readonly CaseContext[], cases: readonly EngineCase[]): Cells {
  const jobs = contexts.flatMap((context) =>
    cases.map((engineCase): Job => ({ context, engineCase, ...Promise.withResolvers<Cell>() })),
  );
  const waiting = jobs.values();
  return {
    async cell(engine, caseName) {
      const job = jobs.find(
        ({ context, engineCase }) => context.engine === engine && engineCase.name === caseName,
      );
      if (job === undefined) throw new Error(`there is no case ${caseName} of ${engine}`);
      return await job.promise;
    },
    ended: Promise.all(Array.from({ length: CONCURRENCY }, () => work(waiting))),
  };
}

/** Does jobs, of which others take theirs too, until none is waiting. */
async function work(waiting: Iterable<Job>): Promise<void> {
  for (const { context, engineCase, resolve } of waiting) resolve(await runCell(context, engineCase));
}
