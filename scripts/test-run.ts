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
  /**
   * The same for tests that run beside others on the machine: files with a failure run once more, alone, and what they do then
   * counts. Both are printed. A file that fails for want of time or by what others do to the host passes then; any other does
   * not.
   */
  testBesideOthers(...args: readonly string[]): Promise<void>;
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
      const { report, status } = await runTests(args);
      count(report, status);
    },
    async testBesideOthers(...args) {
      const { report, status } = await runTests(args);
      const counts = parseCounts(report);
      const files = failedFiles(report);
      if (counts.fail === 0 || files.length === 0) return count(report, status);
      process.stdout.write(
        `\n${counts.fail} tests failed beside others; their files run alone: ${files.join(", ")}\n`,
      );
      const again = await runTests(files);
      const { fail } = parseCounts(again.report);
      passed += counts.pass + Math.max(counts.fail - fail, 0);
      failed += fail;
      if (fail > 0 || again.status !== 0) throw new Error(`${fail} tests failed, alone too`);
    },
    count,
    printTotals() {
      process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
    },
  };
}

async function runTests(
  args: readonly string[],
): Promise<{ readonly report: string; readonly status: number }> {
  const child = Bun.spawn([BUN, "test", ...args], { stdin: "ignore", stdout: "inherit", stderr: "pipe" });
  return { report: await echo(child.stderr), status: await child.exited };
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

/** Files that `bun test` reports a failure of: each line of a test stands below the name of its file. */
export function failedFiles(report: string): readonly string[] {
  const files = new Set<string>();
  let file: string | undefined;
  for (const line of report.split("\n")) {
    if (/^\d+ tests? failed:$/.test(line)) break; // the failures again, of all files
    file = /^(\S+\.test\.ts):$/.exec(line)?.[1] ?? file;
    if (line.startsWith("(fail) ") && file !== undefined) files.add(`./${file}`);
  }
  return [...files];
}

/** Reads the closing lines of `bun test`: ` 46 pass`, ` 0 fail`. */
export function parseCounts(report: string): Counts {
  const count = (outcome: string) => Number(new RegExp(`^ *(\\d+) ${outcome}$`, "m").exec(report)?.[1] ?? 0);
  return { pass: count("pass"), fail: count("fail"), skip: count("skip"), todo: count("todo") };
}
