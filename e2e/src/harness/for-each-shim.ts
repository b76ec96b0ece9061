// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, setDefaultTimeout } from "bun:test";
import type { ContainerdVersion } from "../../../scripts/toolchain/containerd.ts";
import { startContainerd, type Containerd } from "./containerd.ts";
import { importImages, type TestImage } from "./images.ts";
import { CONTAINERDS, type Runtime } from "./runtimes.ts";

/** Long enough for a loaded machine; a test that hangs still ends. */
const TEST_TIMEOUT_MS = 60_000;

export interface ShimUnderTest<R extends Runtime> {
  readonly version: ContainerdVersion;
  readonly runtime: R;
  /** The containerd that the tests of this release and file share; only to be called in a test or hook. */
  readonly containerd: () => Containerd;
}

/** Defines the same tests for each of `runtimes` under every containerd, with `images` imported. */
export function forEachShim<R extends Runtime>(
  runtimes: readonly R[],
  images: () => Promise<readonly TestImage[]>,
  define: (shim: ShimUnderTest<R>) => void,
): void {
  forEachContainerd(images, (version, containerd) => {
    describe.each([...runtimes])("%s", (runtime) => define({ version, runtime, containerd }));
  });
}

/** Defines the same tests under every containerd, each started for this file and ended with it. */
function forEachContainerd(
  images: () => Promise<readonly TestImage[]>,
  define: (version: ContainerdVersion, containerd: () => Containerd) => void,
): void {
  setDefaultTimeout(TEST_TIMEOUT_MS);
  describe.each([...CONTAINERDS])("containerd %s", (version) => {
    let started: Containerd | undefined;
    beforeAll(async () => {
      started = await startContainerd({ version });
      await importImages(started, await images());
    });
    afterAll(async () => {
      await started?.[Symbol.asyncDispose]();
    });
    define(version, () => {
      if (started === undefined) throw new Error(`containerd ${version} has not started`);
      return started;
    });
  });
}
