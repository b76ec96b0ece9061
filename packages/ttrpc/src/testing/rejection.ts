// SPDX-License-Identifier: Apache-2.0

/** What a promise rejects with. Rejects itself when the promise resolves. (`expect().rejects` of Bun 1.4 blocks the event loop.) */
export function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
