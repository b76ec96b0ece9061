// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

/** A step with its name and what it does; it fails by throwing. */
export type Step = readonly [name: string, run: () => void | Promise<void>];

const BIN = join(import.meta.dir, "../node_modules/.bin");

/** Runs steps one after the other, saying each, all of them also after a failure. Answers whether all were right. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const failed: string[] = [];
  for (const [name, run] of steps) {
    const startedAt = performance.now();
    process.stdout.write(`\n── ${name}\n`);
    const problem = await problemOf(run);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      problem === undefined ? `✓ ${name} (${seconds} s)\n` : `✗ ${name} (${seconds} s): ${problem}\n`,
    );
    if (problem !== undefined) failed.push(name);
  }
  if (failed.length > 0) process.stdout.write(`\nfailed: ${failed.join(", ")}\n`);
  return failed.length === 0;
}

async function problemOf(run: Step[1]): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A step that is a program of node_modules/.bin. */
export function tool(name: string, ...args: readonly string[]): Step[1] {
  return async () => {
    const child = Bun.spawn([join(BIN, name), ...args], { stdio: ["ignore", "inherit", "inherit"] });
    const status = await child.exited;
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
  };
}
