// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";
import { ARTIFACT_CONTAINERD_VERSIONS } from "../../../scripts/toolchain/containerd.ts";
import { startContainerd, type Containerd } from "../harness/containerd.ts";
import { narrow, SHIMS } from "../harness/runtimes.ts";
import type { EngineName } from "../../../scripts/toolchain/engine.ts";

const TEST_TIMEOUT_MS = 60_000;

/** Defines the same tests for each containerd that takes images of Wasm layers. */
export function forEachArtifactContainerd(define: (containerd: () => Containerd) => void): void {
  setDefaultTimeout(TEST_TIMEOUT_MS);
  describe.each(narrow(ARTIFACT_CONTAINERD_VERSIONS, "RUNWASI_E2E_CONTAINERD").slice())(
    "containerd %s",
    (version) => {
      let started: Containerd | undefined;
      beforeAll(async () => {
        started = await startContainerd({ version });
      });
      afterAll(async () => {
        await started?.[Symbol.asyncDispose]();
      });
      define(() => {
        if (started === undefined) throw new Error(`containerd ${version} has not started`);
        return started;
      });
    },
  );
}

/** Defines the same tests for each shim under each of those. */
export function forEachArtifactShim(
  define: (runtime: EngineName, containerd: () => Containerd) => void,
): void {
  forEachArtifactContainerd((containerd) => {
    describe.each([...SHIMS])("%s", (runtime) => define(runtime, containerd));
  });
}
