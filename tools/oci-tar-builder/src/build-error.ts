// SPDX-License-Identifier: Apache-2.0

/** What the caller has to mend: the command line (`usage`), what is to be packed (`input`) or where to (`output`). */
export type BuildErrorKind = "usage" | "input" | "output";

/** Why no archive was made; the message names what is wrong and what is needed. */
export class BuildError extends Error {
  readonly kind: BuildErrorKind;

  constructor(kind: BuildErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BuildError";
    this.kind = kind;
  }
}
