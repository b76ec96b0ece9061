// SPDX-License-Identifier: Apache-2.0

/**
 * Why a component could not run:
 * - `not-component`: the bytes are no component (a core module, text, something else);
 * - `bad-component`: they begin as one and cannot be decoded or compiled;
 * - `unsupported`: they use what this host does not have (async of preview 3, values at instantiation);
 * - `missing-import`: an interface or function is imported that is not here;
 * - `missing-export`: what shall be called is not exported;
 * - `bad-arguments`: the arguments do not fit an invoked function;
 * - `bad-preopen`: a directory to open for the guest cannot be opened;
 * - `bad-address`: the address to serve on cannot be had;
 * - `trap`: the guest ran and failed.
 */
export type ComponentErrorKind =
  | "not-component"
  | "bad-component"
  | "unsupported"
  | "missing-import"
  | "missing-export"
  | "bad-arguments"
  | "bad-preopen"
  | "bad-address"
  | "trap";

/** A component that cannot run, or that trapped; `names` are the imports, exports or folders it is about. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
  readonly kind: ComponentErrorKind;
  readonly names: readonly string[];

  constructor(
    kind: ComponentErrorKind,
    message: string,
    options: ErrorOptions & { names?: readonly string[] } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.names = options.names ?? [];
  }
}

/** The error of a guest that broke a rule of the component model while it ran. */
export function trap(reason: string): ComponentError {
  return new ComponentError("trap", `cannot run component: wasm trap: ${reason}`);
}
