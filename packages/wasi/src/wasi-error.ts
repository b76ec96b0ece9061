// SPDX-License-Identifier: Apache-2.0

/**
 * Why a guest could not run:
 * - `not-wasm`: the bytes are no core module (a component, text, something else);
 * - `bad-module`: they begin as one and do not validate, truncated ones included;
 * - `missing-import`: the module imports what preview 1 does not have;
 * - `missing-export`: the entry function, or the memory that preview 1 needs, is not exported;
 * - `bad-arguments`: the arguments are not the numbers that an invoked function takes;
 * - `bad-preopen`: a directory to open for the guest cannot be opened;
 * - `trap`: the guest ran and failed. `runWasi` reports it itself and answers with an exit code.
 */
export type WasiErrorKind =
  | "not-wasm"
  | "bad-module"
  | "missing-import"
  | "missing-export"
  | "bad-arguments"
  | "bad-preopen"
  | "trap";

/** A guest that cannot run, or that trapped; `names` are the imports, exports or folders it is about. */
export class WasiError extends Error {
  override readonly name = "WasiError";
  readonly kind: WasiErrorKind;
  readonly names: readonly string[];

  constructor(
    kind: WasiErrorKind,
    message: string,
    options: ErrorOptions & { names?: readonly string[] } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.names = options.names ?? [];
  }
}
