// SPDX-License-Identifier: Apache-2.0
import type { ByteReader } from "./byte-reader.ts";
import { decodeAlias, decodeExternName, skipCoreType } from "./decode-index.ts";
import type {
  Declaration,
  ExternDescription,
  LabeledType,
  PrimitiveKind,
  TypeDefinition,
  TypeRef,
} from "./definitions.ts";

// Signed LEB128 of one byte: 0x7f is -1, and so on down.
const PRIMITIVES: ReadonlyMap<number, PrimitiveKind> = new Map<number, PrimitiveKind>([
  [0x7f, "bool"],
  [0x7e, "s8"],
  [0x7d, "u8"],
  [0x7c, "s16"],
  [0x7b, "u16"],
  [0x7a, "s32"],
  [0x79, "u32"],
  [0x78, "s64"],
  [0x77, "u64"],
  [0x76, "f32"],
  [0x75, "f64"],
  [0x74, "char"],
  [0x73, "string"],
]);

function decodeTypeRef(reader: ByteReader): TypeRef {
  const value = reader.s33();
  if (value >= 0) return { kind: "index", index: value };
  const kind = PRIMITIVES.get(value + 0x80);
  if (kind === undefined) throw reader.unknown("type", value + 0x80);
  return { kind };
}

function decodeLabeled(reader: ByteReader): LabeledType {
  return { name: reader.name(), type: decodeTypeRef(reader) };
}

function decodeCase(reader: ByteReader): { name: string; type: TypeRef | undefined } {
  const name = reader.name();
  const type = reader.option(() => decodeTypeRef(reader));
  reader.u8(); // what once was the case that this one refines
  return { name, type };
}

/** A `deftype` of https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#type-definitions */
export function decodeTypeDefinition(reader: ByteReader): TypeDefinition {
  const ref = (): TypeRef => decodeTypeRef(reader);
  const code = reader.next ?? -1;
  if (PRIMITIVES.has(code)) return { kind: "alias-of", type: ref() };
  reader.u8();
  switch (code) {
    case 0x72:
      return { kind: "record", fields: reader.vector(() => decodeLabeled(reader)) };
    case 0x71:
      return { kind: "variant", cases: reader.vector(() => decodeCase(reader)) };
    case 0x70:
      return { kind: "list", element: ref(), length: undefined };
    case 0x67:
      return { kind: "list", element: ref(), length: reader.u32() };
    case 0x6f:
      return { kind: "tuple", types: reader.vector(ref) };
    case 0x6e:
      return { kind: "flags", labels: reader.vector(() => reader.name()) };
    case 0x6d:
      return { kind: "enum", labels: reader.vector(() => reader.name()) };
    case 0x6b:
      return { kind: "option", type: ref() };
    case 0x6a:
      return { kind: "result", ok: reader.option(ref), err: reader.option(ref) };
    case 0x69:
      return { kind: "own", resource: reader.u32() };
    case 0x68:
      return { kind: "borrow", resource: reader.u32() };
    case 0x40:
      return {
        kind: "function",
        params: reader.vector(() => decodeLabeled(reader)),
        result: decodeResult(reader),
      };
    case 0x3f:
      return decodeResource(reader);
    case 0x41:
      skipComponentType(reader);
      return { kind: "component-type" };
    case 0x42:
      return { kind: "instance-type", declarations: reader.vector(() => decodeDeclaration(reader)) };
    default:
      throw reader.unknown("type", code);
  }
}

function decodeResult(reader: ByteReader): TypeRef | undefined {
  switch (reader.u8()) {
    case 0:
      return decodeTypeRef(reader);
    case 1:
      if (reader.u8() === 0) return undefined;
      throw reader.fail("a function has named results");
    default:
      throw reader.fail("a function's result is malformed");
  }
}

const I32 = 0x7f;

function decodeResource(reader: ByteReader): TypeDefinition {
  if (reader.u8() !== I32) throw reader.fail("a resource's representation is not i32");
  return { kind: "resource", destructor: reader.option(() => reader.u32()) };
}

function decodeDeclaration(reader: ByteReader): Declaration {
  const code = reader.u8();
  switch (code) {
    case 0x00:
      skipCoreType(reader);
      return { kind: "core-type" };
    case 0x01:
      return { kind: "type", type: decodeTypeDefinition(reader) };
    case 0x02:
      return { kind: "alias", alias: decodeAlias(reader) };
    case 0x04:
      return {
        kind: "export",
        name: decodeExternName(reader),
        description: decodeExternDescription(reader),
      };
    default:
      throw reader.unknown("declaration", code);
  }
}

// What a component must be is checked by nothing here: its instantiation fails when it is something else.
function skipComponentType(reader: ByteReader): void {
  reader.vector(() => {
    if (reader.next !== 0x03) return void decodeDeclaration(reader);
    reader.u8();
    decodeExternName(reader);
    decodeExternDescription(reader);
  });
}

/** An `externdesc`. */
export function decodeExternDescription(reader: ByteReader): ExternDescription {
  const code = reader.u8();
  switch (code) {
    case 0x00:
      reader.u8();
      reader.u32();
      return { kind: "core-module" };
    case 0x01:
      return { kind: "func", type: reader.u32() };
    case 0x03:
      return reader.u8() === 0 ? { kind: "type-equal", type: reader.u32() } : { kind: "resource" };
    case 0x04:
      reader.u32();
      return { kind: "component" };
    case 0x05:
      return { kind: "instance", type: reader.u32() };
    default:
      throw reader.unknown("kind of import or export", code);
  }
}
