// SPDX-License-Identifier: Apache-2.0
import type { Status, StatusCode, StatusDetail } from "./status.ts";

/** What a `TtrpcError` may carry besides its code and message. */
export interface TtrpcErrorOptions {
  readonly details?: readonly StatusDetail[];
  readonly cause?: unknown;
}

/**
 * A call, a connection or a message that failed. It has the shape of a `Status`, so a `toStatus` may return it as it is.
 *
 * A client's call rejects with the peer's status, or with one made here: DeadlineExceeded, Canceled, ResourceExhausted
 * (a message over the frame limit), Unavailable (the connection is gone), Internal (an answer that cannot be read).
 */
export class TtrpcError extends Error implements Status {
  override readonly name = "TtrpcError";
  readonly code: StatusCode;
  readonly details: readonly StatusDetail[];

  constructor(code: StatusCode, message: string, options: TtrpcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }
}
