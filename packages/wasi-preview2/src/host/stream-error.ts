// SPDX-License-Identifier: Apache-2.0
import { err, ok, type Result } from "./result.ts";

/** `wasi:io/error.error`. */
export class IoError {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }

  get message(): string {
    return this.cause instanceof Error ? this.cause.message : String(this.cause);
  }
}

/** Thrown by a stream that has ended. */
export class StreamClosed extends Error {
  override readonly name = "StreamClosed";
}

/** `wasi:io/streams.stream-error`. */
export type StreamError =
  | { readonly tag: "closed" }
  | { readonly tag: "last-operation-failed"; readonly val: IoError };

export type StreamResult<Value> = Result<Value, StreamError>;

export function streamError(error: unknown): StreamError {
  if (error instanceof StreamClosed) return { tag: "closed" };
  return { tag: "last-operation-failed", val: new IoError(error) };
}

/** What an operation on a stream answers with, its exceptions as errors. */
export function streamResult<Value>(run: () => Value): StreamResult<Value> {
  try {
    return ok(run());
  } catch (error) {
    return err(streamError(error));
  }
}
