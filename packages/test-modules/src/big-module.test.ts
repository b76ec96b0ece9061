// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { encodeBigModule } from "./big-module.ts";

test("the big module has two megabytes, and every build makes the same", () => {
  const bytes = encodeBigModule();
  expect(bytes.length / 1e6).toBeCloseTo(2, 1);
  expect(bytes).toEqual(encodeBigModule());
});
