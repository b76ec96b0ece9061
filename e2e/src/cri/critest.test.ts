// SPDX-License-Identifier: Apache-2.0
// Kubernetes' own suite of CRI, critest, on containerd's runc shim to know what this machine can do, and on ours.
// `RUNWASI_E2E_CRITEST=<regular expression>` narrows it to cases while a fault is looked for.
import { beforeAll, expect, test } from "bun:test";
import { SHIMS } from "../harness/runtimes.ts";
import { startCriNode } from "./cri-node.ts";
import { judgeCritest } from "./critest-verdict.ts";
import { withNewerCrun } from "./newer-crun.ts";
import { publishCritestImages, removeEmptyCgroups, runCritest, type CritestCase } from "./run-critest.ts";

/** Its containers are native, for which all shims are the same. */
const OURS = SHIMS[0] ?? "jsc";
const HOOK_TIMEOUT_MS = 300_000;
/** So many cases the suite has on Linux; fewer would say that it was cut short. */
const CASES = 117;

let outcomes: readonly (readonly CritestCase[])[] = [];

beforeAll(async () => {
  const options = await withNewerCrun();
  // Beside each other, a node each: most of a minute critest waits.
  outcomes = await Promise.all(
    (["runc", OURS] as const).map(async (handler) => {
      await using node = await startCriNode(options);
      await publishCritestImages(node);
      return await runCritest(node, handler, process.env["RUNWASI_E2E_CRITEST"]);
    }),
  );
  await removeEmptyCgroups();
}, HOOK_TIMEOUT_MS);

test.each([
  ["runc's shim", "runc", 0],
  ["our shim", "ours", 1],
] as const)("critest on %s: nothing fails or is skipped but what is listed", (_title, runtime, index) => {
  const outcome = outcomes[index] ?? [];
  expect(judgeCritest(runtime, outcome)).toEqual([]);
  expect(outcome).toHaveLength(CASES);
});
