// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import {
  isBoolean,
  isObject,
  isObjectArray,
  isString,
  isStringArray,
  isStringMap,
  MalformedError,
  member,
  parseJsonObject,
} from "./json.ts";

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    return error instanceof Error ? error.message : "";
  }
  throw new Error("it does not throw");
}

test("parseJsonObject() refuses what is not an object, naming the document", () => {
  for (const text of ["", "{", "null", "[]", "7", '"text"', "{} {}", '{"a":1,}', "\u0000"]) {
    expect(messageOf(() => parseJsonObject(text, "the document"))).toContain("the document");
  }
});

test("parseJsonObject() refuses JSON cut off at any byte", () => {
  const text = JSON.stringify({ name: "ä", list: [1, { deep: null }], flag: true });
  const bytes = Buffer.from(text);
  for (let length = 0; length < bytes.length; length += 1) {
    expect(() => parseJsonObject(bytes.toString("utf8", 0, length), "x")).toThrow(MalformedError);
  }
  expect(parseJsonObject(text, "x")).toEqual(JSON.parse(text));
});

test("parseJsonObject() keeps integers that a double cannot hold", () => {
  const text = '{"hard":18446744073709551615,"limit":[-9223372036854775808,9223372036854771712],"half":0.5}';
  expect(JSON.stringify(parseJsonObject(text, "x"))).toBe(text);
});

test("parseJsonObject() takes a kept integer for no object, string or map", () => {
  const { big } = parseJsonObject('{"big":18446744073709551615}', "x");
  for (const is of [isObject, isString, isBoolean, isStringArray, isObjectArray, isStringMap]) {
    expect(is(big)).toBe(false);
  }
});

test("parseJsonObject() answers JSON nested too deeply with MalformedError", () => {
  const depth = 1_000_000;
  const text = `{"number":${"1".repeat(20)},"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  try {
    parseJsonObject(text, "x");
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
  }
});

test('parseJsonObject() keeps a member called "__proto__" a member', () => {
  const value = parseJsonObject('{"__proto__":{"polluted":true}}', "x");
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}');
});

test("member() takes absent and null for undefined, and names what has the wrong type", () => {
  const object = parseJsonObject('{"null":null,"text":"x","number":1}', "x");
  expect(member(object, "absent", isString, "a string")).toBeUndefined();
  expect(member(object, "null", isString, "a string")).toBeUndefined();
  expect(member(object, "text", isString, "a string")).toBe("x");
  expect(messageOf(() => member(object, "number", isString, "a string"))).toBe('"number" is not a string');
});

test("the guards look into arrays and maps", () => {
  expect(isStringArray(["a", 1])).toBe(false);
  expect(isStringArray([])).toBe(true);
  expect(isObjectArray([{}, null])).toBe(false);
  expect(isObjectArray([{}, []])).toBe(false);
  expect(isStringMap({ a: "b", c: 1 })).toBe(false);
  expect(isStringMap([])).toBe(false);
});
