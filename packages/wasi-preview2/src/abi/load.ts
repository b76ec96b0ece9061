// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { CallContext } from "./call-context.ts";
import { casesOf, discriminantBytes, layoutOf } from "./layout.ts";
import { loadString } from "./strings.ts";
import type { ValueType } from "./value-type.ts";
import { charOf, flagsOf, labelOf, variantOf } from "./values.ts";

/** Reads a value that lies in a guest's memory: CanonicalABI.md, `load`. The pointer has been checked. */
export function load(context: CallContext, pointer: number, type: ValueType): unknown {
  const { view } = context.memory;
  switch (type.kind) {
    case "bool":
      return view.getUint8(pointer) !== 0;
    case "u8":
      return view.getUint8(pointer);
    case "s8":
      return view.getInt8(pointer);
    case "u16":
      return view.getUint16(pointer, true);
    case "s16":
      return view.getInt16(pointer, true);
    case "u32":
      return view.getUint32(pointer, true);
    case "s32":
      return view.getInt32(pointer, true);
    case "u64":
      return view.getBigUint64(pointer, true);
    case "s64":
      return view.getBigInt64(pointer, true);
    case "f32":
      return view.getFloat32(pointer, true);
    case "f64":
      return view.getFloat64(pointer, true);
    case "char":
      return charOf(view.getUint32(pointer, true));
    case "own":
      return context.handles.takeOwn(type.resource, view.getUint32(pointer, true));
    case "borrow":
      return context.handles.get(type.resource, view.getUint32(pointer, true));
    default:
      return loadCompound(context, pointer, type);
  }
}

type Compound = Extract<
  ValueType,
  { kind: "string" | "list" | "record" | "tuple" | "flags" | "enum" | "variant" | "option" | "result" }
>;

function loadCompound(context: CallContext, pointer: number, type: ValueType & Compound): unknown {
  const { view } = context.memory;
  switch (type.kind) {
    case "string":
      return loadString(context, view.getUint32(pointer, true), view.getUint32(pointer + 4, true));
    case "list":
      if (type.length !== undefined) return loadElements(context, pointer, type.length, type.element);
      return loadList(
        context,
        view.getUint32(pointer, true),
        view.getUint32(pointer + 4, true),
        type.element,
      );
    case "record": {
      const { offsets } = layoutOf(type);
      return Object.fromEntries(
        type.fields.map((field, index) => [
          field.key,
          load(context, pointer + (offsets[index] ?? 0), field.type),
        ]),
      );
    }
    case "tuple": {
      const { offsets } = layoutOf(type);
      return type.types.map((element, index) => load(context, pointer + (offsets[index] ?? 0), element));
    }
    case "flags":
      return flagsOf(type.labels, loadUint(view, pointer, layoutOf(type).sizeBytes));
    case "enum":
      return labelOf(type.labels, loadUint(view, pointer, discriminantBytes(type.labels.length)));
    case "variant":
    case "option":
    case "result": {
      const cases = casesOf(type);
      const index = loadUint(view, pointer, discriminantBytes(cases.length));
      const payload = cases[index]?.type;
      const offset = layoutOf(type).offsets[0] ?? 0;
      return variantOf(type, index, payload && load(context, pointer + offset, payload));
    }
    default:
      return type satisfies never;
  }
}

/** Reads the elements of a list that lies at `pointer`; those of a `list<u8>` as a copy of its bytes. */
export function loadList(context: CallContext, pointer: number, length: number, element: ValueType): unknown {
  const { sizeBytes, alignment } = layoutOf(element);
  context.memory.check(pointer, length * sizeBytes, alignment);
  if (element.kind === "u8") return context.memory.slice(pointer, length).slice();
  return loadElements(context, pointer, length, element);
}

function loadElements(context: CallContext, pointer: number, length: number, element: ValueType): unknown[] {
  const { sizeBytes } = layoutOf(element);
  const elements: unknown[] = [];
  for (let index = 0; index < length; index += 1) {
    elements.push(load(context, pointer + index * sizeBytes, element));
  }
  return elements;
}

function loadUint(view: DataView<ArrayBufferLike>, pointer: number, sizeBytes: number): number {
  switch (sizeBytes) {
    case 1:
      return view.getUint8(pointer);
    case 2:
      return view.getUint16(pointer, true);
    case 4:
      return view.getUint32(pointer, true);
    default:
      throw trap("a discriminant has no such size");
  }
}
