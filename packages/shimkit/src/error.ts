// SPDX-License-Identifier: Apache-2.0

/**
 * The gRPC codes that a shim answers with, by name.
 *
 * containerd acts on them: NotFound on Delete or Kill means "already gone", FailedPrecondition a call in
 * the wrong state, Unimplemented a capability to do without.
 * @see https://grpc.io/docs/guides/status-codes/
 */
export type Code =
  | "Canceled"
  | "Unknown"
  | "InvalidArgument"
  | "DeadlineExceeded"
  | "NotFound"
  | "AlreadyExists"
  | "PermissionDenied"
  | "ResourceExhausted"
  | "FailedPrecondition"
  | "Aborted"
  | "Unimplemented"
  | "Internal"
  | "Unavailable";

/**
 * The one error class of the project: a message for the operator and the code that containerd acts on.
 *
 * The message reads `cannot <verb> <noun> "<id>": <what is so> (<what is needed>)`; it becomes the event of
 * the pod.
 */
export class ShimError extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ShimError";
    this.code = code;
  }
}

/** The message of anything thrown, for wrapping into a ShimError's message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
