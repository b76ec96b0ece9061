// SPDX-License-Identifier: Apache-2.0
import type { ByteReader } from "./byte-reader.ts";
import type { Alias, CoreSort, Sort, SortIndex } from "./definitions.ts";

const CORE_SORTS: ReadonlyMap<number, CoreSort> = new Map<number, CoreSort>([
  [0x00, "func"],
  [0x01, "table"],
  [0x02, "memory"],
  [0x03, "global"],
  [0x04, "tag"],
  [0x10, "type"],
  [0x11, "module"],
  [0x12, "instance"],
]);

const SORTS: ReadonlyMap<number, Sort> = new Map<number, Sort>([
  [0x01, "func"],
  [0x02, "value"],
  [0x03, "type"],
  [0x04, "component"],
  [0x05, "instance"],
]);

const CORE = 0x00;

export function decodeCoreSort(reader: ByteReader): CoreSort {
  const code = reader.u8();
  const sort = CORE_SORTS.get(code);
  if (sort === undefined) throw reader.unknown("core sort", code);
  return sort;
}

function decodeSort(reader: ByteReader): Sort | "core-type" {
  const code = reader.u8();
  if (code === CORE) {
    const core = decodeCoreSort(reader);
    if (core === "module") return "core-module";
    if (core === "type") return "core-type";
    throw reader.fail(`a core ${core} is exchanged between components`);
  }
  const sort = SORTS.get(code);
  if (sort === undefined) throw reader.unknown("sort", code);
  return sort;
}

export function decodeSortIndex(reader: ByteReader): SortIndex {
  const sort = decodeSort(reader);
  if (sort === "core-type") throw reader.fail("a core type is exchanged between components");
  return { sort, index: reader.u32() };
}

export function decodeAlias(reader: ByteReader): Alias {
  if (reader.next === CORE) return decodeCoreAlias(reader);
  const sort = decodeSort(reader);
  if (sort === "core-type") throw reader.fail("an alias is malformed");
  const target = reader.u8();
  switch (target) {
    case 0x00:
      return { target: "export", sort, instance: reader.u32(), name: reader.name() };
    case 0x02:
      return { target: "outer", sort, depth: reader.u32(), index: reader.u32() };
    default:
      throw reader.unknown("alias target", target);
  }
}

function decodeCoreAlias(reader: ByteReader): Alias {
  reader.u8();
  const sort = decodeCoreSort(reader);
  const target = reader.u8();
  switch (target) {
    case 0x01:
      return { target: "core-export", sort, instance: reader.u32(), name: reader.name() };
    case 0x02: {
      const depth = reader.u32();
      const index = reader.u32();
      if (sort === "type") return { target: "outer-core-type" };
      if (sort === "module") return { target: "outer", sort: "core-module", depth, index };
      throw reader.fail("an outer alias is of neither a type, a module nor a component");
    }
    default:
      throw reader.unknown("core alias target", target);
  }
}

/** The name of an import or export, its forms before and after 0x01 marked interfaces alike. */
export function decodeExternName(reader: ByteReader): string {
  const form = reader.u8();
  if (form > 1) throw reader.unknown("form of a name", form);
  return reader.name();
}

const CORE_FUNCTION = 0x60;

/** Core types are declared for the imports of modules that are arguments, which is not here: only stepped over. */
export function skipCoreType(reader: ByteReader): void {
  const code = reader.u8();
  if (code !== CORE_FUNCTION) throw reader.unknown("core type", code);
  reader.vector(() => reader.s33());
  reader.vector(() => reader.s33());
}
