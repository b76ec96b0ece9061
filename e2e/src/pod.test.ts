// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { parentOf, readProcess } from "./harness/processes.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("busybox");
const args = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"];

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage(), await wasmImage("wasm", ["sleep"])],
  ({ runtime, containerd }) => {
    const inPod = (pod: string) => ["--annotation", `io.kubernetes.cri.sandbox-id=${pod}`];

    test("containers of one pod share a daemon, which ends when the last one is deleted", async () => {
      const pod = containerd().nextId();
      const flags = inPod(pod);
      await using first = await startDetached(containerd(), { runtime, image, args, flags, id: pod });
      await using second = await startDetached(containerd(), { runtime, image, args, flags });
      const daemon = await parentOf(first.pid);
      expect(await parentOf(second.pid)).toBe(daemon);

      await first.printed("ready");
      await first.kill();
      expect(await first.deleted()).toBe(5);
      expect((await readProcess(daemon))?.state).toBe("S");

      await second.printed("ready");
      await second.kill();
      expect(await second.deleted()).toBe(5);
      await waitUntil("daemon to end", async () =>
        (await readProcess(daemon)) === undefined ? true : undefined,
      );
    });

    if (runtime !== "runc") {
      test("a pod may mix modules and native programs", async () => {
        const flags = inPod(containerd().nextId());
        const module = { runtime, image: imageName("wasm"), flags, args: ["/sleep.wasm"] };
        await using wasm = await startDetached(containerd(), module);
        await using native = await startDetached(containerd(), { runtime, image, args, flags });
        expect(await parentOf(native.pid)).toBe(await parentOf(wasm.pid));
        await Promise.all([wasm.printed("sleeping"), native.printed("ready")]);
        await wasm.kill();
        expect(await wasm.deleted()).toBe(143);
        await native.kill();
        expect(await native.deleted()).toBe(5);
      });
    }

    test("containers of two pods, and of none, have a daemon each", async () => {
      const [podA, podB] = [containerd().nextId(), containerd().nextId()];
      await using a = await startDetached(containerd(), { runtime, image, args, flags: inPod(podA) });
      await using b = await startDetached(containerd(), { runtime, image, args, flags: inPod(podB) });
      await using c = await startDetached(containerd(), { runtime, image, args });
      const daemons = await Promise.all([a, b, c].map(({ pid }) => parentOf(pid)));
      expect(new Set(daemons).size).toBe(3);
    });
  },
);
