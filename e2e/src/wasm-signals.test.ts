// SPDX-License-Identifier: Apache-2.0
// A guest cannot handle signals, so a terminating one ends it at once.
import { expect, test } from "bun:test";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("wasm");
const STATUS: readonly [string, number][] = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
  ["SIGUSR1", 138],
  ["SIGTERM", 143],
  ["SIGKILL", 137],
];

forEachShim(
  SHIMS,
  async () => [await wasmImage("wasm", ["loop", "sleep"])],
  ({ runtime, containerd }) => {
    test.each([...STATUS])("%s ends a looping guest with status %d", async (signal, status) => {
      await using container = await startDetached(containerd(), { runtime, image });
      await container.kill("--signal", signal);
      expect(await container.deleted()).toBe(status);
    });

    test("TERM ends a sleeping guest with status 143", async () => {
      await using container = await startDetached(containerd(), { runtime, image, args: ["/sleep.wasm"] });
      await container.printed("sleeping");
      await container.kill();
      expect(await container.deleted()).toBe(143);
    });

    test("kill --all ends a guest", async () => {
      await using container = await startDetached(containerd(), { runtime, image });
      await container.kill("--all", "--signal", "SIGTERM");
      expect(await container.deleted()).toBe(143);
    });

    test("a signal that ends nobody by default leaves a guest running", async () => {
      await using container = await startDetached(containerd(), { runtime, image, args: ["/sleep.wasm"] });
      await container.printed("sleeping");
      await container.kill("--signal", "SIGWINCH");
      await container.kill("--signal", "SIGKILL");
      expect(await container.deleted()).toBe(137);
    });
  },
);
