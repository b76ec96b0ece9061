// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

/** Runs of `bun test` whose outcomes are added up. */
export interface TestRun {
  /**
   * Runs the tests that `args` name.
   *
   * @throws Error when one failed or was skipped, or none ran: nothing is left out silently.
   */
  test(...args: readonly string[]): Promise<void>;
  /** The same for a `bun test` that ran elsewhere, by what it printed and its exit status. */
  count(report: string, status: number): void;
  /** Prints `N passed, N failed`. */
  printTotals(): void;
}

const BUN = join(import.meta.dir, "../node_modules/.bin/bun");
const OUTCOMES = ["pass", "fail", "skip", "todo"] as const;
type Counts = Record<(typeof OUTCOMES)[number], number>;

/** Starts with nothing run. */
export function createTestRun(): TestRun {
  let passed = 0;
  let failed = 0;
  function count(report: string, status: number): void {
    const counts = parseCounts(report);
    passed += counts.pass;
    failed += counts.fail;
    if (counts.fail > 0) throw new Error(`${counts.fail} tests failed`);
    if (status !== 0) {
      failed += 1;
      throw new Error(`bun test ended with ${status}`);
    }
    if (counts.skip + counts.todo > 0) throw new Error(`${counts.skip + counts.todo} tests were skipped`);
    if (counts.pass === 0) throw new Error("no test ran");
  }
  return {
    async test(...args) {
      const child = Bun.spawn([BUN, "test", ...args], { stdin: "ignore", stdout: "inherit", stderr: "pipe" });
      count(await echo(child.stderr), await child.exited);
    },
    count,
    printTotals() {
      process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
    },
  };
}

async function echo(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    process.stderr.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** Reads the closing lines of `bun test`: ` 46 pass`, ` 0 fail`. */
export function parseCounts(report: string): Counts {
  const count = (outcome: string) => Number(new RegExp(`^ *(\\d+) ${outcome}$`, "m").exec(report)?.[1] ?? 0);
  return { pass: count("pass"), fail: count("fail"), skip: count("skip"), todo: count("todo") };
}
