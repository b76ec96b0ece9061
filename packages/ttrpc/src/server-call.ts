// SPDX-License-Identifier: Apache-2.0
import { MAX_TIMER_MS } from "./deadline.ts";
import type { Metadata } from "./request.ts";
import type { CallContext } from "./service.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/**
 * A call that a handler is working on.
 * Most handlers never look at the signal, so it and its timer are made on first use.
 */
export class ServerCall implements CallContext {
  readonly streamId: number;
  readonly method: string;
  readonly metadata: Metadata;
  /** On the clock of `performance.now()`. */
  readonly #deadlineAtMs: number | undefined;
  #controller: AbortController | undefined;
  #timer: Timer | undefined;
  #abortedWith: TtrpcError | undefined;
  #finished = false;

  constructor(options: {
    streamId: number;
    method: string;
    metadata: Metadata;
    timeoutMs: number | undefined;
  }) {
    this.streamId = options.streamId;
    this.method = options.method;
    this.metadata = options.metadata;
    this.#deadlineAtMs = options.timeoutMs === undefined ? undefined : performance.now() + options.timeoutMs;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedWith !== undefined) {
        this.#controller.abort(this.#abortedWith);
      } else {
        this.#startTimer();
      }
    }
    return this.#controller.signal;
  }

  /** Why the signal is aborted, if it is. */
  get abortedWith(): TtrpcError | undefined {
    return this.#abortedWith;
  }

  /** Aborts the signal; the first reason stays. */
  abort(reason: TtrpcError): void {
    if (this.#abortedWith === undefined) {
      this.#abortedWith = reason;
      this.finish();
      this.#controller?.abort(reason);
    }
  }

  /** Releases the timer; the handler has settled. */
  finish(): void {
    this.#finished = true;
    clearTimeout(this.#timer);
  }

  #startTimer(): void {
    if (this.#deadlineAtMs === undefined || this.#finished) {
      return;
    }
    const remainingMs = this.#deadlineAtMs - performance.now();
    if (remainingMs <= MAX_TIMER_MS) {
      const reason = new TtrpcError(
        StatusCode.DeadlineExceeded,
        `cannot finish "${this.method}": its deadline has passed`,
      );
      this.#timer = setTimeout(() => this.abort(reason), remainingMs);
    }
  }
}
