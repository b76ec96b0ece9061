// SPDX-License-Identifier: Apache-2.0
import { MAX_TIMER_MS } from "./deadline.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** What may end a call before its answer comes. */
export interface CallLimits {
  /** The call rejects with DeadlineExceeded after this time; the server learns of it too. */
  readonly timeoutMs?: number;
  /** Makes the call reject with Canceled. ttrpc has no message for that, so the server goes on. */
  readonly signal?: AbortSignal;
}

/** Throws what a call rejects with whose limits are passed before it is made. */
export function assertTimeLeft({ timeoutMs, signal }: CallLimits, method: string): void {
  if (signal?.aborted === true) {
    throw canceled(method, signal);
  }
  // Not a number counts as no time, too.
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw deadlineExceeded(method, timeoutMs);
  }
}

/** Calls `expired` at most once, when a call's time is up or its signal aborts, until disposed. */
export function watchLimits(
  { timeoutMs, signal }: CallLimits,
  method: string,
  expired: (error: TtrpcError) => void,
): Disposable {
  const timer =
    timeoutMs === undefined || timeoutMs > MAX_TIMER_MS
      ? undefined
      : setTimeout(() => expired(deadlineExceeded(method, timeoutMs)), timeoutMs);
  const onAbort = (): void => {
    if (signal !== undefined) {
      expired(canceled(method, signal));
    }
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

function canceled(method: string, signal: AbortSignal): TtrpcError {
  return new TtrpcError(StatusCode.Canceled, `the call of "${method}" is canceled`, { cause: signal.reason });
}

function deadlineExceeded(method: string, timeoutMs: number): TtrpcError {
  return new TtrpcError(StatusCode.DeadlineExceeded, `no answer of "${method}" within ${timeoutMs} ms`);
}
