// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ServerCall } from "./server-call.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

function createCall(timeoutMs: number | undefined): ServerCall {
  return new ServerCall({ streamId: 1, method: "/a.B/C", metadata: new Map(), timeoutMs });
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });
}

test("the signal aborts with DeadlineExceeded when the time is up, counted from the call's start", async () => {
  const call = createCall(2);
  expect(await aborted(call.signal)).toMatchObject({ code: StatusCode.DeadlineExceeded });
  expect(call.abortedWith).toBe(call.signal.reason);
});

test("abort() keeps its first reason, for a signal looked at before or after", () => {
  const first = new TtrpcError(StatusCode.Canceled, "first");
  const second = new TtrpcError(StatusCode.Canceled, "second");
  for (const lookFirst of [true, false]) {
    const call = createCall(undefined);
    const before = lookFirst ? call.signal : undefined;
    call.abort(first);
    call.abort(second);
    expect(call.signal.reason).toBe(first);
    expect(before ?? call.signal).toBe(call.signal);
  }
});

test("a deadline further away than a timer can count does not abort at once, nor does a finished call's", async () => {
  const far = createCall(2 ** 40);
  const finished = createCall(1);
  finished.finish();
  const signals = [far.signal, finished.signal];
  expect(await aborted(createCall(3).signal)).toBeInstanceOf(TtrpcError);
  expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
});
