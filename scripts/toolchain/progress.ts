// SPDX-License-Identifier: Apache-2.0

/** Tells the user what is being done, on stderr so that stdout stays free for results. */
export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Announces a slow piece of work and how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  say(`${title} ...`);
  const startedAtMs = Date.now();
  const result = await work();
  say(`${title}: done in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
  return result;
}
