// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { CallContext, CoreValue } from "./call-context.ts";
import { casesOf, type CoreType, layoutOf } from "./layout.ts";
import { loadList } from "./load.ts";
import { bigintOf, fieldOf, listOf, numberOf, scalarOf, storeList, stringOf } from "./store.ts";
import { loadString, storeString } from "./strings.ts";
import type { ValueType } from "./value-type.ts";
import { caseOfValue, charOf, flagsOf, labelOf, variantOf } from "./values.ts";

/** Core values that are taken one after the other. */
export class FlatReader {
  readonly #values: readonly unknown[];
  #at = 0;

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  number(): number {
    const value = this.#next();
    return typeof value === "number" ? value : Number(BigInt.asUintN(32, value));
  }

  u32(): number {
    return this.number() >>> 0;
  }

  bigint(): bigint {
    const value = this.#next();
    return typeof value === "bigint" ? value : BigInt(value);
  }

  #next(): CoreValue {
    const value = this.#values[this.#at++];
    if (typeof value === "number" || typeof value === "bigint") return value;
    throw trap("a call has too few values");
  }
}

/** Reads a value that is passed by core values: CanonicalABI.md, `lift_flat`. */
export function liftFlat(context: CallContext, source: FlatReader, type: ValueType): unknown {
  switch (type.kind) {
    case "bool":
      return source.u32() !== 0;
    case "u8":
      return source.u32() & 0xff;
    case "s8":
      return (source.u32() << 24) >> 24;
    case "u16":
      return source.u32() & 0xffff;
    case "s16":
      return (source.u32() << 16) >> 16;
    case "u32":
      return source.u32();
    case "s32":
      return source.u32() | 0;
    case "u64":
      return BigInt.asUintN(64, source.bigint());
    case "s64":
      return BigInt.asIntN(64, source.bigint());
    case "f32":
    case "f64":
      return source.number();
    case "char":
      return charOf(source.u32());
    case "own":
      return context.handles.takeOwn(type.resource, source.u32());
    case "borrow":
      return context.handles.get(type.resource, source.u32());
    case "string":
      return loadString(context, source.u32(), source.u32());
    case "list":
      if (type.length === undefined) return loadList(context, source.u32(), source.u32(), type.element);
      return Array.from({ length: type.length }, () => liftFlat(context, source, type.element));
    case "record":
      return Object.fromEntries(
        type.fields.map((field) => [field.key, liftFlat(context, source, field.type)]),
      );
    case "tuple":
      return type.types.map((element) => liftFlat(context, source, element));
    case "flags":
      return flagsOf(type.labels, source.u32());
    case "enum":
      return labelOf(type.labels, source.u32());
    case "variant":
    case "option":
    case "result":
      return liftVariant(context, source, type);
    default:
      return type satisfies never;
  }
}

type VariantLike = Extract<ValueType, { kind: "variant" | "option" | "result" }>;

// A payload is passed in values of the types that all cases' payloads fit in.
function liftVariant(context: CallContext, source: FlatReader, type: VariantLike): unknown {
  const index = source.u32();
  const joined = layoutOf(type).flat.slice(1);
  const raw = joined.map((core) => (core === "i64" ? source.bigint() : source.number()));
  const payload = casesOf(type)[index]?.type;
  if (payload === undefined) return variantOf(type, index, undefined);
  const values = layoutOf(payload).flat.map((core, at) => narrow(raw[at] ?? 0, joined[at] ?? core, core));
  return variantOf(type, index, liftFlat(context, new FlatReader(values), payload));
}

/** Writes a value as core values: CanonicalABI.md, `lower_flat`. */
export function lowerFlat(context: CallContext, target: CoreValue[], type: ValueType, value: unknown): void {
  switch (type.kind) {
    case "s64":
    case "u64":
      target.push(BigInt.asIntN(64, bigintOf(type.kind, value)));
      return;
    case "f32":
    case "f64":
      target.push(numberOf(type.kind, value));
      return;
    case "string":
      target.push(...storeString(context, stringOf(value)));
      return;
    case "list":
      if (type.length === undefined) target.push(...storeList(context, type.element, value));
      else for (const element of listOf(value)) lowerFlat(context, target, type.element, element);
      return;
    case "record":
      for (const field of type.fields) lowerFlat(context, target, field.type, fieldOf(value, field.key));
      return;
    case "tuple": {
      const elements = listOf(value);
      for (const [index, element] of type.types.entries()) {
        lowerFlat(context, target, element, elements[index]);
      }
      return;
    }
    case "variant":
    case "option":
    case "result":
      lowerVariant(context, target, type, value);
      return;
    default:
      target.push(scalarOf(context, type, value) | 0);
  }
}

function lowerVariant(context: CallContext, target: CoreValue[], type: VariantLike, value: unknown): void {
  const { index, payload } = caseOfValue(type, value);
  target.push(index);
  const joined = layoutOf(type).flat.slice(1);
  const payloadType = casesOf(type)[index]?.type;
  const values: CoreValue[] = [];
  if (payloadType !== undefined) lowerFlat(context, values, payloadType, payload);
  const flat = payloadType === undefined ? [] : layoutOf(payloadType).flat;
  for (const [at, core] of joined.entries()) {
    const own = flat[at];
    target.push(own === undefined ? zero(core) : widen(values[at] ?? 0, own, core));
  }
}

function zero(core: CoreType): CoreValue {
  return core === "i64" ? 0n : 0;
}

const CELL = new DataView(new ArrayBuffer(8));

function widen(value: CoreValue, from: CoreType, to: CoreType): CoreValue {
  if (from === to) return value;
  const bits = bitsOf(value, from);
  return to === "i64" ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(32, bits));
}

function bitsOf(value: CoreValue, type: CoreType): bigint {
  switch (type) {
    case "i32":
      return BigInt.asUintN(32, BigInt(value));
    case "i64":
      return BigInt(value);
    case "f32":
      CELL.setFloat32(0, Number(value));
      return BigInt(CELL.getUint32(0));
    case "f64":
      CELL.setFloat64(0, Number(value));
      return CELL.getBigUint64(0);
    default:
      return type satisfies never;
  }
}

function narrow(value: CoreValue, from: CoreType, to: CoreType): CoreValue {
  if (from === to) return value;
  const bits = BigInt(value);
  switch (to) {
    case "i32":
      return Number(BigInt.asIntN(32, bits));
    case "i64":
      return bits;
    case "f32":
      CELL.setUint32(0, Number(BigInt.asUintN(32, bits)));
      return CELL.getFloat32(0);
    case "f64":
      CELL.setBigUint64(0, BigInt.asUintN(64, bits));
      return CELL.getFloat64(0);
    default:
      return to satisfies never;
  }
}
