// SPDX-License-Identifier: Apache-2.0

/** A `result<ok, err>` of the component model. */
export type Result<Ok, Err> =
  | { readonly tag: "ok"; readonly val: Ok }
  | { readonly tag: "err"; readonly val: Err };

export function ok(): Result<undefined, never>;
export function ok<Value>(val: Value): Result<Value, never>;
export function ok(val?: unknown): Result<unknown, never> {
  return { tag: "ok", val };
}

export function err(): Result<never, undefined>;
export function err<Value>(val: Value): Result<never, Value>;
export function err(val?: unknown): Result<never, unknown> {
  return { tag: "err", val };
}
