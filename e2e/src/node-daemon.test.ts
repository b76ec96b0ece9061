// SPDX-License-Identifier: Apache-2.0
// `daemon = "node"`: one daemon for all containers of a node.
import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { openNodeConfig, type NodeConfig } from "./harness/node-config.ts";
import { mappedFilesKib, parentOf, readProcess } from "./harness/processes.ts";
import { runContainer, type Run } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { connectTo, socketOf, TASK } from "./harness/task-client.ts";
import { findTask } from "./harness/tasks.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const PARALLEL = 30;
/** More than a daemon that waits has mapped of its executable (some 5 MiB), less than one that measures (12 and more). */
const IDLE_CODE_KIB = 9 * 1024;
const UNTIL_TERM = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"];

forEachShim(
  SHIMS,
  () => Promise.all([busyboxImage(), wasmImage("wasm", ["hello", "sleep"])]),
  ({ runtime, containerd }) => {
    let opened: Promise<NodeConfig> | undefined;
    const perNode = async () => (await (opened ??= openNodeConfig(containerd()))).write('daemon = "node"\n');
    const native: Run = { runtime, image: imageName("busybox"), args: UNTIL_TERM };
    const wasm: Run = { runtime, image: imageName("wasm"), args: ["/sleep.wasm"] };
    const inPod = (): Partial<Run> => ({
      flags: ["--annotation", `io.kubernetes.cri.sandbox-id=${containerd().nextId()}`],
    });
    const hasEnded = (pid: number) =>
      waitUntil(`process ${pid} to end`, async () =>
        (await readProcess(pid)) === undefined ? true : undefined,
      );

    test("pods and single containers share it; it speaks in the log of one that is there, and ends with the last", async () => {
      await using _file = await perNode();
      await using first = await startDetached(containerd(), { ...native, ...inPod() });
      await using second = await startDetached(containerd(), { ...wasm, ...inPod() });
      await using third = await startDetached(containerd(), native);
      const daemon = await parentOf(first.pid);
      expect(await Promise.all([second, third].map(({ pid }) => parentOf(pid)))).toEqual([daemon, daemon]);

      await Promise.all([first.printed("ready"), second.printed("sleeping"), third.printed("ready")]);
      await first.kill();
      expect(await first.deleted()).toBe(5);
      const garbage = connect(await socketOf(containerd(), second.id)).end("no frame at all");
      await once(garbage, "close");
      await waitUntil("the daemon's own line in containerd's log", async () =>
        (await containerd().log()).split("\n").find((line) => line.includes("ttrpc: {")),
      );

      await second.kill();
      expect(await second.deleted()).toBe(143);
      expect((await readProcess(daemon))?.state).toBe("S");
      await third.kill();
      expect(await third.deleted()).toBe(5);
      await hasEnded(daemon);
    });

    test(`${PARALLEL} containers at once are right and leave nothing behind`, async () => {
      await using _file = await perNode();
      const runs: Run[] = [
        { ...native, args: ["sh", "-c", "echo hello; exit 3"] },
        { ...wasm, args: ["/hello.wasm"] },
      ];
      const outcomes = await Promise.all(runs.map((run) => runContainer(containerd(), run)));
      expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([3, 0]);
      const before = await listPossessions(containerd());
      const results = await Promise.all(
        Array.from({ length: PARALLEL / runs.length }, () =>
          Promise.all(runs.map((run) => runContainer(containerd(), run))),
        ),
      );
      for (const result of results) expect(result).toEqual(outcomes);
      await assertNothingLeft(containerd(), before);
    });

    test("containerd killed and started again finds all its containers there", async () => {
      await using _file = await perNode();
      await using first = await startDetached(containerd(), { ...native, ...inPod() });
      await using second = await startDetached(containerd(), { ...wasm, ...inPod() });
      await Promise.all([first.printed("ready"), second.printed("sleeping")]);
      await containerd().kill();
      await containerd().start();
      for (const { id, pid } of [first, second])
        expect(await findTask(containerd(), id)).toEqual({ id, pid, status: "RUNNING" });
      await using third = await startDetached(containerd(), native);
      expect(await parentOf(third.pid)).toBe(await parentOf(first.pid));
      await Promise.all([first, second].map((container) => container.kill()));
      expect(await Promise.all([first, second].map((container) => container.deleted()))).toEqual([5, 143]);
    });

    test("when it is killed all its containers die, nothing is left, and the next one starts another", async () => {
      await using _file = await perNode();
      await runContainer(containerd(), { ...native, args: ["true"] });
      const before = await listPossessions(containerd());
      {
        await using first = await startDetached(containerd(), { ...native, ...inPod() });
        await using second = await startDetached(containerd(), { ...wasm, ...inPod() });
        process.kill(await parentOf(first.pid), "SIGKILL");
        for (const { id, pid } of [first, second]) {
          await hasEnded(pid);
          await waitUntil(`containerd to show ${id} stopped or gone`, async () => {
            const task = await findTask(containerd(), id);
            return task === undefined || task.status === "STOPPED" ? true : undefined;
          });
        }
      }
      await assertNothingLeft(containerd(), before);
      await using again = await startDetached(containerd(), { ...native, ...inPod() });
      await again.printed("ready");
    });

    test("what its code takes of memory while it measures containers, it gives back after each time", async () => {
      await using _file = await perNode();
      await using container = await startDetached(containerd(), native);
      await container.printed("ready");
      const daemon = await parentOf(container.pid);
      const gaveBack = () =>
        waitUntil("the daemon to unmap its code", async () =>
          (await mappedFilesKib(daemon)) < IDLE_CODE_KIB ? true : undefined,
        );
      await gaveBack();
      using client = await connectTo(containerd(), container.id);
      const measuring: number[] = [];
      for (let time = 0; time < 3; time += 1) {
        await client.call(TASK, TASK.methods.stats, { id: container.id });
        measuring.push(await mappedFilesKib(daemon));
        await gaveBack();
      }
      expect(Math.max(...measuring)).toBeGreaterThan(IDLE_CODE_KIB);
    });

    test("a word that is not known fails the start by name", async () => {
      await using _file = await (await (opened ??= openNodeConfig(containerd()))).write('daemon = "host"\n');
      const { stderr, exitCode } = await runContainer(containerd(), native);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('cannot use option "daemon" (pod, node)');
    });
  },
);
