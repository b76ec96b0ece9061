// SPDX-License-Identifier: Apache-2.0
import { PATIENCE } from "./patience.ts";

const POLL_MS = 20;

/**
 * Asks again and again until `probe` answers something other than undefined; for states of the kernel and of
 * other processes that announce themselves to nobody. Throws when `timeoutMs` have passed.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs: number = 10_000 * PATIENCE,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await Bun.sleep(POLL_MS);
  }
}
