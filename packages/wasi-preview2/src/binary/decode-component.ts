// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "../component-error.ts";
import { ByteReader } from "./byte-reader.ts";
import { decodeCanonical } from "./decode-canonical.ts";
import {
  decodeAlias,
  decodeCoreSort,
  decodeExternName,
  decodeSortIndex,
  skipCoreType,
} from "./decode-index.ts";
import { decodeExternDescription, decodeTypeDefinition } from "./decode-type.ts";
import type { ComponentDefinition, Definition, NamedItem } from "./definitions.ts";

const MAGIC: Uint8Array = Uint8Array.of(0x00, 0x61, 0x73, 0x6d);
// Version 13, layer 1.
const COMPONENT_VERSION: Uint8Array = Uint8Array.of(0x0d, 0x00, 0x01, 0x00);

// Section ids of Binary.md.
const SECTION = {
  CUSTOM: 0,
  CORE_MODULE: 1,
  CORE_INSTANCE: 2,
  CORE_TYPE: 3,
  COMPONENT: 4,
  INSTANCE: 5,
  ALIAS: 6,
  TYPE: 7,
  CANONICAL: 8,
  IMPORT: 10,
  EXPORT: 11,
} as const;

/**
 * Decodes a component and compiles its core modules.
 *
 * Throws `ComponentError` of kind `not-component`, `bad-component` or `unsupported`. What it refers to is checked
 * when it is instantiated.
 */
export function decodeComponent(bytes: Uint8Array): ComponentDefinition {
  try {
    return decode(bytes, 0);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ComponentError("bad-component", "cannot decode component: it is nested too deeply", {
      cause: error,
    });
  }
}

function decode(bytes: Uint8Array, offset: number): ComponentDefinition {
  const preamble = Buffer.from(bytes.subarray(0, 8));
  if (!preamble.equals(Buffer.concat([MAGIC, COMPONENT_VERSION]))) {
    throw new ComponentError(
      "not-component",
      `cannot decode component: it begins with "${preamble.toString("hex")}" (0061736d0d000100)`,
    );
  }
  const reader = new ByteReader(bytes.subarray(8), offset + 8);
  const definitions: Definition[] = [];
  while (!reader.isAtEnd) {
    const id = reader.u8();
    const section = reader.sized();
    for (const definition of decodeSection(id, section)) definitions.push(definition);
  }
  return { definitions };
}

function decodeSection(id: number, section: ByteReader): readonly Definition[] {
  switch (id) {
    case SECTION.CUSTOM:
      return [];
    case SECTION.CORE_MODULE:
      return [{ kind: "core-module", module: compile(section.rest()) }];
    case SECTION.CORE_INSTANCE:
      return section.vector(() => decodeCoreInstance(section));
    case SECTION.CORE_TYPE:
      return section.vector(() => {
        skipCoreType(section);
        return { kind: "core-type" };
      });
    case SECTION.COMPONENT:
      return [{ kind: "component", component: decode(section.rest(), 0) }];
    case SECTION.INSTANCE:
      return section.vector(() => decodeInstance(section));
    case SECTION.ALIAS:
      return section.vector(() => ({ kind: "alias", alias: decodeAlias(section) }));
    case SECTION.TYPE:
      return section.vector(() => ({ kind: "type", type: decodeTypeDefinition(section) }));
    case SECTION.CANONICAL:
      return section.vector(() => ({ kind: "canonical", canonical: decodeCanonical(section) }));
    case SECTION.IMPORT:
      return section.vector(() => ({
        kind: "import",
        name: decodeExternName(section),
        description: decodeExternDescription(section),
      }));
    case SECTION.EXPORT:
      return section.vector(() => decodeExport(section));
    default:
      throw section.unknown("section", id);
  }
}

function compile(bytes: Uint8Array): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ComponentError("bad-component", `cannot compile component: ${reason}`, { cause });
  }
}

function decodeCoreInstance(reader: ByteReader): Definition {
  const code = reader.u8();
  switch (code) {
    case 0x00: {
      const module = reader.u32();
      const args = reader.vector(() => {
        const name = reader.name();
        reader.u8(); // the sort, which is always an instance
        return { name, instance: reader.u32() };
      });
      return { kind: "core-instantiate", module, args };
    }
    case 0x01: {
      const exports = reader.vector(() => ({
        name: reader.name(),
        sort: decodeCoreSort(reader),
        index: reader.u32(),
      }));
      return { kind: "core-bundle", exports };
    }
    default:
      throw reader.unknown("core instance", code);
  }
}

function decodeInstance(reader: ByteReader): Definition {
  const code = reader.u8();
  switch (code) {
    case 0x00: {
      const component = reader.u32();
      const args = reader.vector((): NamedItem => ({ name: reader.name(), item: decodeSortIndex(reader) }));
      return { kind: "instantiate", component, args };
    }
    case 0x01: {
      const exports = reader.vector((): NamedItem => ({
        name: decodeExternName(reader),
        item: decodeSortIndex(reader),
      }));
      return { kind: "bundle", exports };
    }
    default:
      throw reader.unknown("instance", code);
  }
}

function decodeExport(reader: ByteReader): Definition {
  const name = decodeExternName(reader);
  const item = decodeSortIndex(reader);
  reader.option(() => decodeExternDescription(reader));
  return { kind: "export", name, item };
}
