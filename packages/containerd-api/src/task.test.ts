// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { TaskDefinition as GeneratedV3 } from "../gen/runtime/task/v3/shim.ts";
import { TaskV2Definition, TaskV3Definition } from "./task.ts";

test("the two versions of the Task service have containerd's names", () => {
  expect(TaskV2Definition.fullName).toBe("containerd.task.v2.Task");
  expect(TaskV3Definition.fullName).toBe(GeneratedV3.fullName);
});

test("version 3 has the methods of version 2, as the generated one", () => {
  const shape = (methods: object) =>
    Object.values(methods).map(({ name, requestStream, responseStream }) => [
      name,
      requestStream,
      responseStream,
    ]);
  expect(shape(TaskV3Definition.methods)).toEqual(shape(GeneratedV3.methods));
});

test("the messages of version 2 are those of version 3: the generated code differs in the version alone", () => {
  const generated = (version: string) =>
    readFileSync(new URL(`../gen/runtime/task/${version}/shim.ts`, import.meta.url), "utf8");
  const bare = (text: string) => text.replaceAll(/\bv[23]\b/g, "v");
  expect(bare(generated("v3")) === bare(generated("v2"))).toBe(true);
});
