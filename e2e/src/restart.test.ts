// SPDX-License-Identifier: Apache-2.0
// What happens to containers when containerd or a shim daemon dies by SIGKILL.
import { describe, expect, test } from "bun:test";
import { startDetached } from "./harness/detached.ts";
import { subscribe } from "./harness/events.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { parentOf, readProcess } from "./harness/processes.ts";
import { runContainer } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { findTask, waitForStatus } from "./harness/tasks.ts";
import { openTerminalClient, startUnattended, type UnattendedContainer } from "./harness/terminal-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const image = imageName("busybox");
const UNTIL_TERM = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"];
/** Some more than the 64 kB of a FIFO. */
const LINES = 50_000;
/** Longer than the reader of an exec's output is waited for (`stdio/terminal-output.ts`). */
const STALLED_MS = 1_300;
/** Waits for `tell()`, which needs neither containerd nor the terminal. */
const UNTIL_TOLD = "until [ -e /go ]; do sleep 0.05; done";

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    const run = { runtime, image, args: UNTIL_TERM };
    const attach = ({ id }: UnattendedContainer) => openTerminalClient(containerd(), ["task", "attach", id]);

    describe("containerd killed and started again", () => {
      test("running containers go on, are listed with their pid and report their exit", async () => {
        await using container = await startDetached(containerd(), run);
        await container.printed("ready");
        await containerd().kill();
        await containerd().start();
        expect(await findTask(containerd(), container.id)).toEqual({
          id: container.id,
          pid: container.pid,
          status: "RUNNING",
        });
        await using events = await subscribe(containerd());
        await container.kill();
        const exit = await events.next("/tasks/exit", container.id);
        expect(exit.payload).toMatchObject({ exit_status: 5, pid: container.pid });
        expect(await container.deleted()).toBe(5);
      });

      test("a container that ended meanwhile is listed as stopped with its status", async () => {
        await using container = await startDetached(containerd(), run);
        await container.printed("ready");
        await containerd().kill();
        process.kill(container.pid, "SIGTERM");
        await waitUntil("process to end", async () => {
          const info = await readProcess(container.pid);
          return info === undefined || info.state === "Z" ? true : undefined;
        });
        await containerd().start();
        expect(await container.deleted()).toBe(5);
      });

      test("a client attaches to a terminal again: output that waited, input, size and exit code", async () => {
        const script = `read x; echo got $x; ${UNTIL_TOLD}; echo meanwhile; touch /printed; exec sh`;
        await using container = await startUnattended(containerd(), { ...run, args: ["sh", "-c", script] });
        {
          // Killed first: ctr of 1.6 would remove the FIFOs when containerd dies, under runc's shim too.
          await using first = attach(container);
          first.write("one\n");
          await first.printed("got one\r");
        }
        await containerd().kill();
        await container.tell();
        await waitUntil("output while containerd is away", () => container.holds("printed"));
        await containerd().start();
        await using client = attach(container);
        await client.printed("meanwhile\r");
        // The terminal echoes what is typed: what is waited for has to differ.
        client.write("echo sum=$((6 * 7))\n");
        await client.printed("sum=42\r");
        client.write("until stty size | grep -x '31 97'; do sleep 0.05; done\n");
        client.resize(97, 31);
        await client.printed("\n31 97\r");
        client.write("exit 7\n");
        expect(await client.exited).toBe(7);
        // Deleted by ctr, which was attached to it.
        expect(await findTask(containerd(), container.id)).toBeUndefined();
      });

      test("of a terminal's output nothing is lost that has no room in its FIFO", async () => {
        const script = `${UNTIL_TOLD}; seq ${LINES}; echo all; read x; exit 3`;
        await using container = await startUnattended(containerd(), { ...run, args: ["sh", "-c", script] });
        await containerd().kill();
        await container.tell();
        await Bun.sleep(STALLED_MS);
        await containerd().start();
        await using client = attach(container);
        await client.printed("all\r");
        const expected = Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join("");
        expect(client.output().replaceAll("\r", "").includes(expected)).toBe(true);
        client.write("\n");
        expect(await client.exited).toBe(3);
      });

      test("nothing is left when they are gone", async () => {
        await runContainer(containerd(), { ...run, args: ["true"] });
        const before = await listPossessions(containerd());
        {
          await using container = await startDetached(containerd(), run);
          await containerd().kill();
          await containerd().start();
          await container.kill("--signal", "SIGKILL");
          expect(await container.deleted()).toBe(137);
        }
        await assertNothingLeft(containerd(), {
          ...before,
          processes: await replaceContainerd(before.processes),
        });
      });
    });

    describe("the shim daemon killed", () => {
      test("its container dies, its mounts and cgroups go, and the id can be run again", async () => {
        await runContainer(containerd(), { ...run, args: ["true"] });
        const before = await listPossessions(containerd());
        {
          await using container = await startDetached(containerd(), run);
          await container.printed("ready");
          const shim = await daemonOf(container.pid);
          process.kill(shim, "SIGKILL");
          await waitUntil("container to die", async () =>
            (await readProcess(container.pid)) ? undefined : true,
          );
          await waitUntil("containerd to show it stopped or gone", async () => {
            const task = await findTask(containerd(), container.id);
            return task === undefined || task.status === "STOPPED" ? true : undefined;
          });
        }
        await assertNothingLeft(containerd(), before);

        await using again = await startDetached(containerd(), { ...run, id: "again" });
        await waitForStatus(containerd(), again.id, "RUNNING");
      });

      test("of a pod: all its containers die, nothing of them is left, and the pod can be run again", async () => {
        await runContainer(containerd(), { ...run, args: ["true"] });
        const flags = ["--annotation", `io.kubernetes.cri.sandbox-id=${containerd().nextId()}`];
        const before = await listPossessions(containerd());
        {
          await using first = await startDetached(containerd(), { ...run, flags });
          await using second = await startDetached(containerd(), { ...run, flags });
          const shim = await daemonOf(first.pid);
          expect(await daemonOf(second.pid)).toBe(shim);
          process.kill(shim, "SIGKILL");
          for (const { pid } of [first, second]) {
            await waitUntil("container to die", async () => ((await readProcess(pid)) ? undefined : true));
          }
          for (const { id } of [first, second]) {
            await waitUntil("containerd to show it stopped or gone", async () => {
              const task = await findTask(containerd(), id);
              return task === undefined || task.status === "STOPPED" ? true : undefined;
            });
          }
        }
        await assertNothingLeft(containerd(), before);
        await using again = await startDetached(containerd(), { ...run, flags });
        await again.printed("ready");
      });

      test("while containerd is dead too, all is cleaned up when it comes back", async () => {
        await runContainer(containerd(), { ...run, args: ["true"] });
        const before = await listPossessions(containerd());
        {
          await using container = await startDetached(containerd(), run);
          await container.printed("ready");
          const shim = await daemonOf(container.pid);
          await containerd().kill();
          process.kill(shim, "SIGKILL");
          await waitUntil("shim to end", async () => {
            const info = await readProcess(shim);
            return info === undefined || info.state === "Z" ? true : undefined;
          });
          await containerd().start();
          await waitUntil("container to die", async () =>
            (await readProcess(container.pid)) ? undefined : true,
          );
        }
        await assertNothingLeft(containerd(), {
          ...before,
          processes: await replaceContainerd(before.processes),
        });
      });
    });

    async function daemonOf(pid: number): Promise<number> {
      const daemon = await parentOf(pid);
      expect((await readProcess(daemon))?.name).toStartWith("containerd-shim");
      return daemon;
    }

    /** The list of processes with the new containerd in the place of the old one. */
    async function replaceContainerd(processes: readonly string[]): Promise<string[]> {
      const others = processes.filter((process) => !process.endsWith(" containerd"));
      return [...others, `${containerd().pid()} containerd`].sort();
    }
  },
);
