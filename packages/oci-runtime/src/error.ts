// SPDX-License-Identifier: Apache-2.0

/**
 * Why a call of the OCI runtime failed.
 *
 * - `not-installed`: there is no such executable.
 * - `no-such-container`: the runtime does not know the id (any more).
 * - `not-running`: the container's init has ended.
 * - `failed`: everything else; the message carries the runtime's own words.
 */
export type OciRuntimeFailure = "not-installed" | "no-such-container" | "not-running" | "failed";

/** A call of the OCI runtime that failed. */
export class OciRuntimeError extends Error {
  readonly kind: OciRuntimeFailure;

  constructor(kind: OciRuntimeFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "OciRuntimeError";
    this.kind = kind;
  }
}
