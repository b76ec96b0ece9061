// SPDX-License-Identifier: Apache-2.0
import entries from "../../critest-not-passed.json";
import type { CritestCase } from "./run-critest.ts";

/** Cases that are known not to pass, and why. */
interface NotPassed {
  /** `runc` for containerd's own shim, `ours`. */
  readonly runtimes: readonly string[];
  readonly cases: readonly string[];
  readonly reason: string;
  /** Expression that what critest says of each case matches, so that it fails for this reason and no other. */
  readonly failure: string;
}

const NOT_PASSED: readonly NotPassed[] = entries;
/** What the host has not, whatever runs the containers: these cases are skipped under runc's shim, too. */
const HOST_LACKS = /AppArmor is disabled/;

/** What is wrong with the outcome of critest: what was not to fail, or not to pass, or was skipped. Empty when all is well. */
export function judgeCritest(runtime: "runc" | "ours", outcome: readonly CritestCase[]): readonly string[] {
  const listed = NOT_PASSED.filter(({ runtimes }) => runtimes.includes(runtime));
  const problems = outcome.flatMap((one) => {
    const known = listed.find(({ cases }) => cases.includes(one.name));
    if (one.state === "passed")
      return known === undefined ? [] : [`passes although it is listed: ${one.name}`];
    if (one.state === "skipped" && HOST_LACKS.test(one.reason)) return [];
    if (known !== undefined && new RegExp(known.failure).test(one.reason)) return [];
    return [`${one.state}: ${one.name}: ${one.reason}`];
  });
  const names = new Set(outcome.map(({ name }) => name));
  const unknown = listed.flatMap(({ cases }) => cases.filter((name) => !names.has(name)));
  return [...problems, ...unknown.map((name) => `there is no such case: ${name}`)];
}
