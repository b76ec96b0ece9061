// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import { casesOf } from "./layout.ts";
import type { ValueType } from "./value-type.ts";

// How values of the component model are in JavaScript: integers of 64 bits as bigint, other numbers as number,
// char and string as string, list<u8> as Uint8Array and other lists as arrays, records as objects, tuples as
// arrays, flags as sets of labels, enums as labels, variants and results as { tag, val }, options as the value or
// undefined (as { tag, val } where the value may itself be an option), resources of the host as its objects and
// those of guests as numbers.

type VariantLike = Extract<ValueType, { kind: "variant" | "option" | "result" }>;

const MAX_CODE_POINT = 0x10ffff;

export function charOf(codePoint: number): string {
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint > MAX_CODE_POINT || isSurrogate) throw trap("a char is no Unicode scalar value");
  return String.fromCodePoint(codePoint);
}

export function labelOf(labels: readonly string[], index: number): string {
  const label = labels[index];
  if (label === undefined) throw trap(`an enum has no case ${index}`);
  return label;
}

export function flagsOf(labels: readonly string[], bits: number): ReadonlySet<string> {
  return new Set(labels.filter((_label, index) => (bits & (1 << index)) !== 0));
}

export function flagBits(labels: readonly string[], value: unknown): number {
  if (!(value instanceof Set)) throw mismatch("flags", value);
  return labels.reduce((bits, label, index) => (value.has(label) ? bits | (1 << index) : bits), 0) >>> 0;
}

export function variantOf(type: VariantLike, index: number, payload: unknown): unknown {
  const found = casesOf(type)[index];
  if (found === undefined) throw trap(`a variant has no case ${index}`);
  if (type.kind === "option" && type.type.kind !== "option") return payload;
  return { tag: found.name, val: payload };
}

/** Which case a value is, and its payload. */
export function caseOfValue(
  type: VariantLike,
  value: unknown,
): { readonly index: number; readonly payload: unknown } {
  if (type.kind === "option" && type.type.kind !== "option") {
    return { index: value === undefined ? 0 : 1, payload: value };
  }
  if (typeof value !== "object" || value === null || !("tag" in value)) throw mismatch(type.kind, value);
  const index = casesOf(type).findIndex((one) => one.name === value.tag);
  if (index === -1) throw mismatch(type.kind, value.tag);
  return { index, payload: "val" in value ? value.val : undefined };
}

/** A value that the host gave, or that came out of another component, and does not fit its type. */
export function mismatch(kind: string, value: unknown): Error {
  return trap(
    `a value of type ${kind} was expected, got ${typeof value === "string" ? `"${value}"` : typeof value}`,
  );
}
