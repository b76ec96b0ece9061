// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseCounts } from "./test-run.ts";

test("parseCounts() reads the closing lines of bun test", () => {
  const report = "(pass) 3 fail is a title\n\n 46 pass\n 2 skip\n 1 fail\n 179 expect() calls\n";
  expect(parseCounts(report)).toEqual({ pass: 46, fail: 1, skip: 2, todo: 0 });
});
