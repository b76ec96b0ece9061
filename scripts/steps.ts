// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

/** A step with its name: a function, or a command of node_modules/.bin with its arguments. */
export type Step =
  | readonly [name: string, run: () => void | Promise<void>]
  | readonly [name: string, command: string, ...args: string[]];

const BIN = join(import.meta.dir, "../node_modules/.bin");

/** Runs steps one after the other, saying each; the first failure ends the process with status 1. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  for (const [name, run, ...args] of steps) {
    const startedAt = performance.now();
    console.log(`── ${name}`);
    const problem = typeof run === "function" ? await problemOf(run) : await statusProblem(join(BIN, run), args);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (problem !== undefined) {
      console.error(`✗ ${name}: ${problem} (${seconds} s)`);
      process.exit(1);
    }
    console.log(`✓ ${name} (${seconds} s)`);
  }
}

async function problemOf(run: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function statusProblem(command: string, args: readonly string[]): Promise<string | undefined> {
  const status = await Bun.spawn([command, ...args], { stdio: ["ignore", "inherit", "inherit"] }).exited;
  return status === 0 ? undefined : `exit status ${status}`;
}
