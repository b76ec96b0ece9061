// SPDX-License-Identifier: Apache-2.0

/** The canonical status codes of google.rpc.Code, which ttrpc shares with gRPC. containerd acts on them. */
export const StatusCode = {
  Ok: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;

/** A number of `StatusCode`. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

/** A google.protobuf.Any that travels with a status; opaque to this package. */
export interface StatusDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** How a call ended: google.rpc.Status. `details` is empty when absent. */
export interface Status {
  readonly code: StatusCode;
  readonly message: string;
  readonly details?: readonly StatusDetail[];
}

const CODES_IN_ORDER: readonly StatusCode[] = Object.values(StatusCode);

/** Checks a code from the wire: a number that is none of `StatusCode` becomes Unknown. */
export function parseStatusCode(code: number): StatusCode {
  return CODES_IN_ORDER[code] ?? StatusCode.Unknown;
}
