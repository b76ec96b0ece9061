// SPDX-License-Identifier: Apache-2.0
// WASI preview 1 in a container: the module of every function group, on every engine.
import { expect, test } from "bun:test";
import { parseChecks, TEST_MODULES, writeFixtures } from "@runwasi/test-modules";
import { forEachShim } from "./harness/for-each-shim.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { writeSpec } from "./harness/spec.ts";
import { moduleFiles } from "./harness/wasm-images.ts";
import { isKnownDifference, staleDifferences } from "./known-differences.ts";

const MODULES = TEST_MODULES.filter(({ isConformance }) => isConformance);
type WasiRun = (typeof MODULES)[number]["runs"][number];
const NO_IMAGES = () => Promise.resolve([]);

forEachShim(SHIMS, NO_IMAGES, ({ runtime, containerd }) => {
  async function checksOf(name: string, run: WasiRun) {
    const { id, flags, rootfs } = await writeSpec(containerd(), await moduleFiles([name]), {
      process: { args: [`/${name}.wasm`, ...run.args], env: run.env, cwd: "/" },
    });
    await writeFixtures(rootfs, run.root ?? []);
    const input = run.stdin === undefined ? {} : { stdin: run.stdin };
    const { stdout, stderr, exitCode } = await runContainer(containerd(), { runtime, id, flags, ...input });
    return { checks: parseChecks(stdout), stderr, exitCode };
  }

  test.each(MODULES.map(({ name, runs }) => [name, runs] as const))("%s", async (name, runs) => {
    for (const run of runs) {
      const { checks, stderr, exitCode } = await checksOf(name, run);
      const failed = checks.filter(({ isOk }) => !isOk);
      const unknown = failed.filter(({ name: check }) => !isKnownDifference(runtime, name, check));
      const stale = staleDifferences(
        runtime,
        name,
        failed.map(({ name: check }) => check),
      );
      const mayEndOtherwise = failed.length > 0 || isKnownDifference(runtime, name, "the exit code");
      expect({ unknown, stale, stderr: mayEndOtherwise ? "" : stderr }).toEqual({
        unknown: [],
        stale: [],
        stderr: "",
      });
      if (!mayEndOtherwise) expect(exitCode).toBe(run.exitCode);
      if (!mayEndOtherwise) expect(checks.length).toBeGreaterThan(0);
    }
  });
});
