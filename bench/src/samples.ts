// SPDX-License-Identifier: Apache-2.0

/** Figures of one thing measured repeatedly, in one unit. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** @throws RangeError for no figures. */
export function summarize(figures: readonly number[]): Summary {
  const sorted = figures.toSorted((a, b) => a - b);
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError("no figures");
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? min) + (sorted[Math.ceil(middle)] ?? max)) / 2;
  return { median, min, max, count: sorted.length };
}

/**
 * Measures each subject in turn, round after round, so that a machine that changes its speed changes it for all. Each
 * round begins with another one: what a container leaves to clean up slows the next.
 */
export async function measureInTurn(
  subjects: ReadonlyMap<string, () => Promise<number>>,
  rounds: number,
): Promise<ReadonlyMap<string, Summary>> {
  const figures = new Map<string, number[]>([...subjects.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, measure] of rotated([...subjects], round)) {
      const figure = await measure();
      if (round > 0) figures.get(name)?.push(figure); // the first round warms the caches
    }
  }
  return new Map([...figures].map(([name, list]) => [name, summarize(list)]));
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** How long something takes, in milliseconds. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
