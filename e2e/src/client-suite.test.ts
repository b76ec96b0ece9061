// SPDX-License-Identifier: Apache-2.0
// containerd's own client suite: our shims pass what runc's passes. All of ours are one executable; one of them is run.
import { expect, test } from "bun:test";
import { deviations } from "./client-suite/expected.ts";
import { runClientSuite } from "./client-suite/run-suite.ts";
import { narrow, type Runtime } from "./harness/runtimes.ts";

const RUNTIMES: readonly Runtime[] = narrow(["runc", "jsc"], "RUNWASI_E2E_RUNTIME");
/** The suite ends by itself before. */
const TIMEOUT_MS = 270_000;

// At once: they mostly wait.
test.concurrent.each([...RUNTIMES])(
  "on %s containerd's client suite passes but for what is listed with its reason",
  async (runtime) => {
    expect(deviations(runtime, await runClientSuite(runtime))).toEqual([]);
  },
  TIMEOUT_MS,
);

if (RUNTIMES.includes("jsc")) {
  test(
    "what crun cannot pass passes with runc as the OCI runtime of our shim",
    async () => {
      const tests = ["TestKillContainerDeletedByRunc", "TestRuntimeInfo"];
      const outcomes = await runClientSuite("jsc", { tests, without: "crun" });
      for (const name of tests) expect(outcomes.get(name)).toMatchObject({ outcome: "pass" });
    },
    TIMEOUT_MS,
  );
}
