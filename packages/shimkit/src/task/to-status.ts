// SPDX-License-Identifier: Apache-2.0
import { StatusCode, type Status } from "@runwasi/ttrpc";
import { ShimError, type Code } from "../error.ts";

const CODES = {
  Canceled: StatusCode.Canceled,
  Unknown: StatusCode.Unknown,
  InvalidArgument: StatusCode.InvalidArgument,
  DeadlineExceeded: StatusCode.DeadlineExceeded,
  NotFound: StatusCode.NotFound,
  AlreadyExists: StatusCode.AlreadyExists,
  PermissionDenied: StatusCode.PermissionDenied,
  ResourceExhausted: StatusCode.ResourceExhausted,
  FailedPrecondition: StatusCode.FailedPrecondition,
  Aborted: StatusCode.Aborted,
  Unimplemented: StatusCode.Unimplemented,
  Internal: StatusCode.Internal,
  Unavailable: StatusCode.Unavailable,
} as const satisfies Record<Code, StatusCode>;

/** What a handler threw as the status that containerd gets: the only place where that is decided. */
export function toStatus(error: unknown, onUnexpected: (error: unknown) => void): Status {
  if (error instanceof ShimError) return { code: CODES[error.code], message: error.message, details: [] };
  onUnexpected(error);
  const message = error instanceof Error ? error.message : String(error);
  return { code: StatusCode.Unknown, message, details: [] };
}
