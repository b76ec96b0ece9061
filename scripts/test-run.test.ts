// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { createTestRun, failedFiles, parseCounts } from "./test-run.ts";

test("parseCounts() reads the closing lines of bun test", () => {
  const report = "(pass) 3 fail is a title\n\n 46 pass\n 2 skip\n 1 fail\n 179 expect() calls\n";
  expect(parseCounts(report)).toEqual({ pass: 46, fail: 1, skip: 2, todo: 0 });
});

test.each([
  ["a failed test", " 4 pass\n 1 fail\n", 1, "1 tests failed"],
  ["a run that broke off", " 4 pass\n 0 fail\n", 137, "ended with 137"],
  ["a skipped test", " 4 pass\n 1 skip\n 0 fail\n", 0, "1 tests were skipped"],
  ["no test at all", "", 0, "no test ran"],
])("count() fails for %s, as test() does", (_what, report, status, reason) => {
  expect(() => createTestRun().count(report, status)).toThrow(reason);
});

test("count() takes a run in which every test passed", () => {
  createTestRun().count(" 4 pass\n 0 fail\n", 0);
});

test("failedFiles() names each file with a failure once, also where two report in turn", () => {
  const report = `bun test v1

e2e/a.test.ts:
(pass) one
(fail) two [3ms]

e2e/b.test.ts:
(pass) one

e2e/a.test.ts:
(fail) three

e2e/c.test.ts:
(fail) four

2 tests failed:
(fail) two [3ms]
e2e/d.test.ts:
(fail) x
`;
  expect(failedFiles(report)).toEqual(["./e2e/a.test.ts", "./e2e/c.test.ts"]);
  expect(failedFiles("(pass) one\n")).toEqual([]);
});
