// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { imageNames } from "./image-names.ts";

const named = (references: readonly string[], tags: readonly string[] = []) =>
  imageNames(references, tags).map(({ fullName, refName }) => [fullName, refName]);

test("a reference has its tag, those given, or latest", () => {
  expect(named(["example.org/app"])).toEqual([["example.org/app:latest", "latest"]]);
  expect(named(["localhost:5000/a/b:1.0"])).toEqual([["localhost:5000/a/b:1.0", "1.0"]]);
  expect(named(["example.org/app:1"], ["2", "1"])).toEqual([
    ["example.org/app:1", "1"],
    ["example.org/app:2", "2"],
  ]);
  expect(named([])).toEqual([]);
});

test("two references with the same tag are told apart by their full names", () => {
  expect(named(["a.example/x:1", "b.example/x:1", "b.example/x:2"])).toEqual([
    ["a.example/x:1", "a.example/x:1"],
    ["b.example/x:1", "b.example/x:1"],
    ["b.example/x:2", "2"],
  ]);
});

test.each([
  "",
  "App",
  "a b",
  "example.org/",
  "example.org/App",
  "a:",
  "a:b:c",
  "a@sha256:00",
  "../x",
  "a/../b",
  "a:-1",
])("%p is no reference", (reference) => {
  expect(() => imageNames([reference], [])).toThrow("no reference");
});

test("a tag is checked, and belongs to a name", () => {
  expect(() => imageNames(["a"], ["x/y"])).toThrow('tag "x/y"');
  expect(() => imageNames(["a"], ["x".repeat(129)])).toThrow("cannot use tag");
  expect(() => imageNames([], ["1"])).toThrow("there is no name");
});
