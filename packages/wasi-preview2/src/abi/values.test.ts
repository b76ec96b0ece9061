// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "bun:test";
import type { StringEncoding } from "../binary/definitions.ts";
import { type CallContext, type CoreValue, createCallContext } from "./call-context.ts";
import { FlatReader, liftFlat, lowerFlat } from "./flat.ts";
import { HandleTable } from "./handle-table.ts";
import { layoutOf } from "./layout.ts";
import { load } from "./load.ts";
import { store } from "./store.ts";
import type { ResourceType, ValueType } from "./value-type.ts";

function contextOf(encoding: StringEncoding): CallContext {
  let free = 1024;
  return createCallContext({
    handles: new HandleTable(),
    encoding,
    memory: new WebAssembly.Memory({ initial: 1 }),
    realloc(_old, _oldSize, alignment, size) {
      free = Math.ceil(free / Number(alignment)) * Number(alignment);
      const pointer = free;
      free += Number(size);
      return pointer;
    },
  });
}

const U8: ValueType = { kind: "u8" };
const STRING: ValueType = { kind: "string" };
const F32: ValueType = { kind: "f32" };
const U64: ValueType = { kind: "u64" };
const OPTION: ValueType = { kind: "option", type: U8 };
const MIXED: ValueType = {
  kind: "variant",
  cases: [
    { name: "none", type: undefined },
    { name: "float", type: F32 },
    { name: "double", type: { kind: "f64" } },
    { name: "long", type: U64 },
    { name: "text", type: STRING },
  ],
};

const VALUES: readonly (readonly [ValueType, unknown])[] = [
  [{ kind: "bool" }, true],
  [{ kind: "s8" }, -128],
  [U8, 255],
  [{ kind: "s16" }, -32_768],
  [{ kind: "u16" }, 65_535],
  [{ kind: "s32" }, -1],
  [{ kind: "u32" }, 4_294_967_295],
  [{ kind: "s64" }, -(2n ** 63n)],
  [U64, 2n ** 64n - 1n],
  [F32, 0.5],
  [{ kind: "f64" }, -1e300],
  [{ kind: "char" }, "\u{1f600}"],
  [STRING, "é\u{1f600}\0x"],
  [STRING, ""],
  [{ kind: "list", element: U8, length: undefined }, Uint8Array.of(1, 2, 3)],
  [{ kind: "list", element: STRING, length: undefined }, ["a", "", "b"]],
  [{ kind: "list", element: { kind: "u16" }, length: 3 }, [1, 2, 3]],
  [{ kind: "tuple", types: [U8, U64, STRING] }, [1, 2n, "three"]],
  [{ kind: "flags", labels: Array.from("abcdefghi") }, new Set(["a", "i"])],
  [{ kind: "enum", labels: ["x", "y"] }, "y"],
  [OPTION, undefined],
  [OPTION, 7],
  [
    { kind: "option", type: OPTION },
    { tag: "some", val: undefined },
  ],
  [
    { kind: "result", ok: U64, err: F32 },
    { tag: "err", val: 1.5 },
  ],
  [MIXED, { tag: "float", val: 2.5 }],
  [MIXED, { tag: "double", val: 2.25 }],
  [MIXED, { tag: "long", val: 2n ** 63n }],
  [MIXED, { tag: "text", val: "t" }],
  [
    {
      kind: "record",
      fields: [
        { name: "a-b", key: "aB", type: U8 },
        { name: "c", key: "c", type: MIXED },
      ],
    },
    { aB: 1, c: { tag: "none", val: undefined } },
  ],
];

for (const encoding of ["utf8", "utf16", "latin1+utf16"] as const) {
  for (const [index, [type, value]] of VALUES.entries()) {
    test(`value ${index} (${type.kind}) comes back through memory, strings in ${encoding}`, () => {
      const context = contextOf(encoding);
      store(context, 64, type, value);
      expect(load(context, 64, type)).toEqual(value);
    });

    test(`value ${index} (${type.kind}) comes back through core values, strings in ${encoding}`, () => {
      const context = contextOf(encoding);
      const flat: CoreValue[] = [];
      lowerFlat(context, flat, type, value);
      expect(flat.map((one) => typeof one)).toEqual(
        layoutOf(type).flat.map((core) => (core === "i64" ? "bigint" : "number")),
      );
      expect(liftFlat(context, new FlatReader(flat), type)).toEqual(value);
    });
  }
}

describe("what a guest may not pass", () => {
  const context = contextOf("utf8");
  const lift = (type: ValueType, ...values: CoreValue[]) => liftFlat(context, new FlatReader(values), type);

  test.each<[string, ValueType, CoreValue[]]>([
    ["a string outside the memory", STRING, [65_530, 7]],
    ["a string whose length wraps", STRING, [-1, -1]],
    ["a list outside the memory", { kind: "list", element: U64, length: undefined }, [0, 8193]],
    ["a list that is not aligned", { kind: "list", element: U64, length: undefined }, [4, 1]],
    ["a surrogate", { kind: "char" }, [0xd800]],
    ["a char beyond Unicode", { kind: "char" }, [0x110000]],
    ["a case that there is none of", OPTION, [2, 0]],
    ["an enum that there is none of", { kind: "enum", labels: ["x"] }, [1]],
  ])("%s traps", (_what, type, values) => {
    expect(() => lift(type, ...values)).toThrow("wasm trap");
  });

  test("a string that is not UTF-8 traps", () => {
    context.memory.slice(0, 1)[0] = 0xff;
    expect(() => lift(STRING, 0, 1)).toThrow("wasm trap");
  });

  test("handles of another type, dropped and borrowed ones trap", () => {
    const destroyed: unknown[] = [];
    const resource = (name: string): ResourceType => ({
      kind: "resource",
      name,
      owner: undefined,
      destroy: (one) => void destroyed.push(one),
    });
    const [one, other] = [resource("one"), resource("other")];
    const owned = context.handles.add(one, "owned", true);
    const borrowed = context.handles.add(one, "borrowed", false);
    expect(() => lift({ kind: "own", resource: other }, owned)).toThrow("wasm trap");
    expect(() => lift({ kind: "own", resource: one }, borrowed)).toThrow("wasm trap");
    expect(lift({ kind: "borrow", resource: one }, owned)).toBe("owned");
    context.handles.drop(one, borrowed);
    context.handles.drop(one, owned);
    expect(destroyed).toEqual(["owned"]);
    expect(() => lift({ kind: "borrow", resource: one }, owned)).toThrow("wasm trap");
  });
});
