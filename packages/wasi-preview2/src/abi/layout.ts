// SPDX-License-Identifier: Apache-2.0
import type { ValueType, VariantCase } from "./value-type.ts";

/** A core type that values are passed as. */
export type CoreType = "i32" | "i64" | "f32" | "f64";

/** How a type lies in memory and how it is passed. */
export interface Layout {
  readonly sizeBytes: number;
  readonly alignment: number;
  readonly flat: readonly CoreType[];
  /** Where fields, or a variant's payload, begin. */
  readonly offsets: readonly number[];
}

const LAYOUTS = new WeakMap<ValueType, Layout>();

/** https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#alignment and what follows it. */
export function layoutOf(type: ValueType): Layout {
  const known = LAYOUTS.get(type);
  if (known !== undefined) return known;
  const layout = computeLayout(type);
  LAYOUTS.set(type, layout);
  return layout;
}

function computeLayout(type: ValueType): Layout {
  switch (type.kind) {
    case "bool":
    case "s8":
    case "u8":
      return scalar(1, "i32");
    case "s16":
    case "u16":
      return scalar(2, "i32");
    case "s32":
    case "u32":
    case "char":
    case "own":
    case "borrow":
      return scalar(4, "i32");
    case "s64":
    case "u64":
      return scalar(8, "i64");
    case "f32":
      return scalar(4, "f32");
    case "f64":
      return scalar(8, "f64");
    case "string":
      return pair();
    case "list":
      return type.length === undefined ? pair() : sequence(repeat(type.element, type.length));
    case "record":
      return sequence(type.fields.map((field) => field.type));
    case "tuple":
      return sequence(type.types);
    case "flags":
      return scalar(type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4, "i32");
    case "enum":
      return scalar(discriminantBytes(type.labels.length), "i32");
    case "variant":
    case "option":
    case "result":
      return variantLayout(casesOf(type));
    default:
      return type satisfies never;
  }
}

function scalar(sizeBytes: number, core: CoreType): Layout {
  return { sizeBytes, alignment: sizeBytes, flat: [core], offsets: [] };
}

function pair(): Layout {
  return { sizeBytes: 8, alignment: 4, flat: ["i32", "i32"], offsets: [] };
}

function repeat(type: ValueType, count: number): ValueType[] {
  return Array.from({ length: count }, () => type);
}

function sequence(types: readonly ValueType[]): Layout {
  let sizeBytes = 0;
  let alignment = 1;
  const flat: CoreType[] = [];
  const offsets: number[] = [];
  for (const type of types) {
    const layout = layoutOf(type);
    const offset = alignTo(sizeBytes, layout.alignment);
    offsets.push(offset);
    sizeBytes = offset + layout.sizeBytes;
    alignment = Math.max(alignment, layout.alignment);
    flat.push(...layout.flat);
  }
  return { sizeBytes: alignTo(sizeBytes, alignment), alignment, flat, offsets };
}

function variantLayout(cases: readonly VariantCase[]): Layout {
  const discriminant = discriminantBytes(cases.length);
  let payloadBytes = 0;
  let payloadAlignment = 1;
  const payload: CoreType[] = [];
  for (const { type } of cases) {
    if (type === undefined) continue;
    const layout = layoutOf(type);
    payloadBytes = Math.max(payloadBytes, layout.sizeBytes);
    payloadAlignment = Math.max(payloadAlignment, layout.alignment);
    for (const [index, core] of layout.flat.entries()) payload[index] = join(payload[index], core);
  }
  const alignment = Math.max(discriminant, payloadAlignment);
  const offset = alignTo(discriminant, payloadAlignment);
  return {
    sizeBytes: alignTo(offset + payloadBytes, alignment),
    alignment,
    flat: ["i32", ...payload],
    offsets: [offset],
  };
}

function join(left: CoreType | undefined, right: CoreType): CoreType {
  if (left === undefined || left === right) return right;
  return (left === "i32" && right === "f32") || (left === "f32" && right === "i32") ? "i32" : "i64";
}

/** Bytes of the number that tells which of `count` cases a value is. */
export function discriminantBytes(count: number): 1 | 2 | 4 {
  if (count <= 0x100) return 1;
  return count <= 0x10000 ? 2 : 4;
}

export function alignTo(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

const NONE: VariantCase = { name: "none", type: undefined };
const OPTION_CASES = new WeakMap<ValueType, readonly VariantCase[]>();

/** The cases of a variant, or of the option or result that is short for one. */
export function casesOf(
  type: Extract<ValueType, { kind: "variant" | "option" | "result" }>,
): readonly VariantCase[] {
  if (type.kind === "variant") return type.cases;
  const known = OPTION_CASES.get(type);
  if (known !== undefined) return known;
  const cases =
    type.kind === "option"
      ? [NONE, { name: "some", type: type.type }]
      : [
          { name: "ok", type: type.ok },
          { name: "err", type: type.err },
        ];
  OPTION_CASES.set(type, cases);
  return cases;
}
