// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";

const POLL_MS = 2;

/**
 * Reads the command lines of all processes, over and over while `during` runs, and answers those that hold `text`, in
 * which another user of the host could read it.
 */
export async function commandLinesWith(
  text: string,
  during: () => Promise<void>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  let isOver = false;
  const work = during().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const line of readCommandLines()) if (line.includes(text)) found.add(line);
    await Bun.sleep(POLL_MS);
  }
  await work;
  return [...found];
}

function readCommandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return ""; // it has ended since
      }
    });
}
