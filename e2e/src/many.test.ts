// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { runContainer, type Run } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const SEQUENTIAL = 100;
const PARALLEL = 30;

forEachShim(
  NATIVE_RUNTIMES,
  () => Promise.all([busyboxImage(), wasmImage("wasm", ["hello"])]),
  ({ runtime, containerd }) => {
    const runs: Run[] = [{ runtime, image: imageName("busybox"), args: ["sh", "-c", "echo hello; exit 3"] }];

    async function runOne(index: number): Promise<void> {
      const run = runs[index % runs.length];
      if (run === undefined) throw new Error("nothing to run");
      const { stdout, stderr, exitCode } = await runContainer(containerd(), run);
      expect({ index, stdout, stderr, exitCode }).toEqual({
        index,
        stdout: "hello\n",
        stderr: "",
        exitCode: 3,
      });
    }

    test(`${SEQUENTIAL} containers one after the other leave nothing behind`, async () => {
      for (const index of runs.keys()) await runOne(index);
      const before = await listPossessions(containerd());
      for (let index = 0; index < SEQUENTIAL; index++) await runOne(index);
      await assertNothingLeft(containerd(), before);
    });

    test(`${PARALLEL} containers at once leave nothing behind`, async () => {
      for (const index of runs.keys()) await runOne(index);
      const before = await listPossessions(containerd());
      await Promise.all(Array.from({ length: PARALLEL }, (_, index) => runOne(index)));
      await assertNothingLeft(containerd(), before);
    });
  },
);
