// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { timestampFromMs, timestampToMs } from "./timestamp.ts";

test.each([
  [0, 0n, 0],
  [1_500.25, 1n, 500_250_000],
  [1_764_000_000_123, 1_764_000_000n, 123_000_000],
  [-1, -1n, 999_000_000],
])("timestampFromMs(%p)", (ms, seconds, nanos) => {
  expect(timestampFromMs(ms)).toEqual({ seconds, nanos });
  expect(timestampToMs({ seconds, nanos })).toBe(ms);
});

test("timestampFromMs() rounds up into the next second, never to 1e9 nanoseconds", () => {
  expect(timestampFromMs(999.9996)).toEqual({ seconds: 1n, nanos: 0 });
});
