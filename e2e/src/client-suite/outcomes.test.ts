// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseOutcomes } from "./outcomes.ts";

test("parseOutcomes() tells what each test without subtests came to, and what it said itself", () => {
  const output = [
    "\x16=== RUN   TestA",
    "\x16=== RUN   TestA/one",
    '    log_hook.go:47: time="now" level=debug',
    "    a_test.go:1: wrong",
    "\x16=== NAME  TestB",
    "    b_test.go:2: no mkfs.xfs",
    "\x16    --- FAIL: TestA/one (0.10s)",
    "\x16--- FAIL: TestA (12.34s)",
    "--- SKIP: TestB (0.00s)",
    "--- PASS: TestC (1.00s)",
    "FAIL",
  ].join("\n");
  expect([...parseOutcomes(output)]).toEqual([
    ["TestA/one", { outcome: "fail", said: "    a_test.go:1: wrong\n" }],
    ["TestB", { outcome: "skip", said: "    b_test.go:2: no mkfs.xfs\nFAIL\n" }],
    ["TestC", { outcome: "pass", said: "" }],
  ]);
});
