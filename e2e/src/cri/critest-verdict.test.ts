// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import entries from "../../critest-not-passed.json";
import { judgeCritest } from "./critest-verdict.ts";
import type { CritestCase } from "./run-critest.ts";

const LISTED = entries.flatMap(({ runtimes, cases, failure }) =>
  runtimes.includes("ours") ? cases.map((name) => ({ name, failure })) : [],
);
const [first = { name: "", failure: "" }, ...others] = LISTED;

const outcome = (name: string, state: CritestCase["state"], reason = ""): CritestCase => ({
  name,
  state,
  reason,
  tookMs: 1,
});
const asListed = others.map(({ name, failure }) => outcome(name, "failed", failure.replaceAll(".*", "")));
const withFirst = (state: CritestCase["state"], reason = "") =>
  judgeCritest("ours", [...asListed, outcome(first.name, state, reason)]);

test("what fails as it is listed is no problem", () => {
  expect(withFirst("failed", first.failure.replaceAll(".*", ""))).toEqual([]);
});

test("what passes although it is listed, fails for another reason, or is not run is one", () => {
  expect(withFirst("passed")).toEqual([`passes although it is listed: ${first.name}`]);
  expect(withFirst("failed", "another")).toEqual([`failed: ${first.name}: another`]);
  expect(judgeCritest("ours", asListed)).toEqual([`there is no such case: ${first.name}`]);
});

test("what is not listed has to pass, but for what the host has not", () => {
  const judge = (one: CritestCase) =>
    judgeCritest("ours", [
      ...asListed,
      outcome(first.name, "failed", first.failure.replaceAll(".*", "")),
      one,
    ]);
  expect(judge(outcome("new", "passed"))).toEqual([]);
  expect(judge(outcome("new", "skipped", "AppArmor is disabled on this host"))).toEqual([]);
  expect(judge(outcome("new", "skipped", "not today"))).toEqual(["skipped: new: not today"]);
});
