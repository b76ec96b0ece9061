// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { deviations } from "./expected.ts";
import type { Outcome, TestOutcome } from "./outcomes.ts";

function outcomes(each: Readonly<Record<string, Outcome>>): ReadonlyMap<string, TestOutcome> {
  return new Map(Object.entries(each).map(([name, outcome]) => [name, { outcome, said: "its words" }]));
}

test("deviations() tells failures that are not listed, passes that are, and what is listed and did not run", () => {
  const came = outcomes({ TestA: "fail", TestB: "pass", TestC: "fail", TestD: "skip", TestE: "fail" });
  const entries = [
    { tests: ["TestB", "TestC"], outcome: "fail", reason: "why" },
    { tests: ["TestGone"], outcome: "skip", reason: "why" },
    { tests: ["TestD"], outcome: "skip", reason: "why", runtimes: ["runc"] },
    { tests: ["TestE"], outcome: "any", reason: "why" },
  ];
  expect(deviations("jsc", came, entries)).toEqual([
    "TestGone is listed and did not run",
    "TestA: fail, not pass\nits words",
    "TestB: pass, not fail\nits words",
    "TestD: skip, not pass\nits words",
  ]);
});
