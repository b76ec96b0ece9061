// SPDX-License-Identifier: Apache-2.0
import type { CallContext } from "./call-context.ts";
import { casesOf, discriminantBytes, layoutOf } from "./layout.ts";
import { storeBytes, storeString } from "./strings.ts";
import type { ValueType } from "./value-type.ts";
import { caseOfValue, flagBits, mismatch } from "./values.ts";

/** Writes a value into a guest's memory: CanonicalABI.md, `store`. The pointer has been checked. */
export function store(context: CallContext, pointer: number, type: ValueType, value: unknown): void {
  switch (type.kind) {
    case "s64":
    case "u64":
      context.memory.view.setBigUint64(pointer, BigInt.asUintN(64, bigintOf(type.kind, value)), true);
      return;
    case "f32":
      context.memory.view.setFloat32(pointer, numberOf(type.kind, value), true);
      return;
    case "f64":
      context.memory.view.setFloat64(pointer, numberOf(type.kind, value), true);
      return;
    case "string": {
      const [at, length] = storeString(context, stringOf(value));
      context.memory.view.setUint32(pointer, at, true);
      context.memory.view.setUint32(pointer + 4, length, true);
      return;
    }
    case "list":
      storeListAt(context, pointer, type, value);
      return;
    case "record": {
      const { offsets } = layoutOf(type);
      for (const [index, field] of type.fields.entries()) {
        store(context, pointer + (offsets[index] ?? 0), field.type, fieldOf(value, field.key));
      }
      return;
    }
    case "tuple":
      storeTuple(context, pointer, type, value);
      return;
    case "variant":
    case "option":
    case "result": {
      const { index, payload } = caseOfValue(type, value);
      const cases = casesOf(type);
      storeUint(context, pointer, discriminantBytes(cases.length), index);
      const payloadType = cases[index]?.type;
      if (payloadType !== undefined)
        store(context, pointer + (layoutOf(type).offsets[0] ?? 0), payloadType, payload);
      return;
    }
    default:
      storeUint(context, pointer, layoutOf(type).sizeBytes, scalarOf(context, type, value));
  }
}

type Scalar = Extract<
  ValueType,
  {
    kind: "bool" | "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "char" | "own" | "borrow" | "flags" | "enum";
  }
>;

/** The number that a value is which is passed as one i32. */
export function scalarOf(context: CallContext, type: Scalar, value: unknown): number {
  switch (type.kind) {
    case "bool":
      return value === true ? 1 : 0;
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      return numberOf(type.kind, value);
    case "char":
      return stringOf(value).codePointAt(0) ?? 0;
    case "flags":
      return flagBits(type.labels, value);
    case "enum": {
      const index = type.labels.indexOf(stringOf(value));
      if (index === -1) throw mismatch("enum", value);
      return index;
    }
    case "own":
      return context.handles.add(type.resource, value, true);
    case "borrow":
      // The instance that defines a resource gets its own representation.
      if (type.resource.owner === context.handles) return numberOf("borrow", value);
      return context.handles.add(type.resource, value, false);
    default:
      return type satisfies never;
  }
}

type List = Extract<ValueType, { kind: "list" }>;

function storeListAt(context: CallContext, pointer: number, type: List, value: unknown): void {
  if (type.length !== undefined) {
    storeElements(context, pointer, type.element, listOf(value));
    return;
  }
  const [at, length] = storeList(context, type.element, value);
  context.memory.view.setUint32(pointer, at, true);
  context.memory.view.setUint32(pointer + 4, length, true);
}

/** Writes a list into memory that the guest gives; its pointer and length. */
export function storeList(
  context: CallContext,
  element: ValueType,
  value: unknown,
): readonly [pointer: number, length: number] {
  if (element.kind === "u8") {
    if (!(value instanceof Uint8Array)) throw mismatch("list<u8>", value);
    return [storeBytes(context, value, 1), value.length];
  }
  const elements = listOf(value);
  const { sizeBytes, alignment } = layoutOf(element);
  const pointer = context.allocate(elements.length * sizeBytes, alignment);
  storeElements(context, pointer, element, elements);
  return [pointer, elements.length];
}

function storeElements(
  context: CallContext,
  pointer: number,
  element: ValueType,
  elements: readonly unknown[],
): void {
  const { sizeBytes } = layoutOf(element);
  for (const [index, one] of elements.entries()) store(context, pointer + index * sizeBytes, element, one);
}

function storeTuple(
  context: CallContext,
  pointer: number,
  type: Extract<ValueType, { kind: "tuple" }>,
  value: unknown,
): void {
  const { offsets } = layoutOf(type);
  const elements = listOf(value);
  for (const [index, element] of type.types.entries()) {
    store(context, pointer + (offsets[index] ?? 0), element, elements[index]);
  }
}

function storeUint(context: CallContext, pointer: number, sizeBytes: number, value: number): void {
  const { view } = context.memory;
  if (sizeBytes === 1) view.setUint8(pointer, value);
  else if (sizeBytes === 2) view.setUint16(pointer, value, true);
  else view.setUint32(pointer, value, true);
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch("list", value);
  return value;
}

export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) throw mismatch("record", value);
  return Reflect.get(value, key);
}

export function stringOf(value: unknown): string {
  if (typeof value !== "string") throw mismatch("string", value);
  return value;
}

export function numberOf(kind: string, value: unknown): number {
  if (typeof value !== "number") throw mismatch(kind, value);
  return value;
}

export function bigintOf(kind: string, value: unknown): bigint {
  if (typeof value !== "bigint") throw mismatch(kind, value);
  return value;
}
