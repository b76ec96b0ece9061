// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { assertDistinct, checkTitle } from "./title.ts";

test.each(["app.wasm", "a/b/c.wasm", ".hidden", "..a", "a b=c", "ä", "x".repeat(255)])(
  "%p is a title",
  (title) => {
    expect(checkTitle(title)).toBe(title);
  },
);

test.each([
  "",
  "/app.wasm",
  "../app.wasm",
  "a/../../b",
  "a/..",
  "..",
  ".",
  "a/./b",
  "a//b",
  "a/",
  "a\\..\\b",
  "a\u0000b",
  "a\nb",
  "x".repeat(256),
])("%p is none", (title) => {
  expect(() => checkTitle(title)).toThrow("cannot use title");
});

test("titles are there once", () => {
  assertDistinct(["a", "b"]);
  expect(() => assertDistinct(["a", "b", "a"])).toThrow('"a" twice');
});
