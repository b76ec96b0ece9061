// SPDX-License-Identifier: Apache-2.0
// The `delete` command after the daemon's death by SIGKILL, run by hand on every state that a container can be in.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { readProcess } from "./harness/processes.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { daemonPid, openHandShim, warmUp, type HandShim } from "./harness/shim-commands.ts";
import { TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const m = TASK.methods;
type Client = Awaited<ReturnType<HandShim["connect"]>>;

interface State {
  readonly title: string;
  /** Brings the container into the state; answers init's pid, 0 for none. */
  readonly reach: (client: Client, shim: HandShim) => Promise<number>;
  readonly exitStatus: number;
}

const create = async (client: Client, { createRequest }: HandShim) =>
  (await client.call(TASK, m.create, createRequest)).pid;

async function start(client: Client, shim: HandShim): Promise<number> {
  const pid = await create(client, shim);
  await client.call(TASK, m.start, { id: shim.id, execId: "" });
  return pid;
}

async function stop(client: Client, shim: HandShim): Promise<number> {
  const pid = await start(client, shim);
  await Bun.write(join(shim.rootfs, "end"), "");
  await client.call(TASK, m.wait, { id: shim.id, execId: "" });
  return pid;
}

async function removeTask(client: Client, shim: HandShim): Promise<number> {
  const pid = await stop(client, shim);
  await client.call(TASK, m.delete, { id: shim.id, execId: "" });
  return pid;
}

const STATES: readonly State[] = [
  { title: "nothing was created", reach: async () => 0, exitStatus: 137 },
  { title: "the container was created", reach: create, exitStatus: 137 },
  { title: "the container ran", reach: start, exitStatus: 137 },
  { title: "the container had ended by itself", reach: stop, exitStatus: 7 },
  { title: "the task was deleted already", reach: removeTask, exitStatus: 7 },
];

const SCRIPT = "sleep 1000 & while ! [ -e /end ]; do sleep 0.02; done; exit 7";
const SPEC = { process: { args: ["/bin/sh", "-c", SCRIPT], terminal: false } };

forEachShim(
  SHIMS,
  async () => [],
  ({ runtime, containerd }) => {
    test.each([...STATES])(
      "cleans up and answers the exit when $title",
      async ({ title, reach, exitStatus }) => {
        const shim = await openHandShim(containerd(), runtime, SPEC);
        await warmUp(containerd(), runtime);
        const before = await listPossessions(containerd());
        await shim.start();
        const startedAtMs = Date.now();
        const pid = await killDaemonIn(shim, reach);
        const answer = await shim.deleteByCommand();
        expect({ title, pid: answer.pid, status: answer.exitStatus }).toEqual({
          title,
          pid,
          status: exitStatus,
        });
        expect(Number(answer.exitedAt?.seconds)).toBeGreaterThanOrEqual(Math.floor(startedAtMs / 1000));
        expect(Number(answer.exitedAt?.seconds)).toBeLessThanOrEqual(Date.now() / 1000);
        await assertNothingLeft(containerd(), before);
        // containerd may ask again.
        expect((await shim.deleteByCommand()).exitStatus).toBe(exitStatus);
      },
    );

    test("unmounts the rootfs that the daemon had mounted", async () => {
      const shim = await openHandShim(containerd(), runtime, SPEC);
      await warmUp(containerd(), runtime);
      const before = await listPossessions(containerd());
      await shim.start();
      const mount = { type: "bind", source: shim.rootfs, target: "", options: ["rbind", "rw"] };
      const request = { ...shim.createRequest, rootfs: [mount] };
      await killDaemonIn(shim, async (client) => (await client.call(TASK, m.create, request)).pid);
      const mounted = (await listPossessions(containerd())).mountsInside;
      expect(mounted.length).toBeGreaterThan(before.mountsInside.length);
      await shim.deleteByCommand();
      await assertNothingLeft(containerd(), before);
    });

    test("leaves the daemon of a pod, and its other containers, alone", async () => {
      const annotations = { "io.kubernetes.cri.sandbox-id": containerd().nextId() };
      const stays = await openHandShim(containerd(), runtime, { ...SPEC, annotations });
      const goes = await openHandShim(containerd(), runtime, { ...SPEC, annotations });
      await stays.start();
      await goes.start();
      using client = await stays.connect();
      const pid = await start(client, stays);
      await removeTask(client, goes);
      await goes.deleteByCommand();
      expect((await client.call(TASK, m.state, { id: stays.id, execId: "" })).pid).toBe(pid);
      using again = await stays.connect(); // its socket is still there
      await again.call(TASK, m.kill, { id: stays.id, execId: "", signal: 9, all: false });
      await again.call(TASK, m.wait, { id: stays.id, execId: "" });
      await again.call(TASK, m.delete, { id: stays.id, execId: "" });
      await again.call(TASK, m.shutdown, { id: stays.id, now: false });
    });

    /** Kills the daemon once the container is in the state that `reach` brings it to; answers what that answered. */
    async function killDaemonIn(shim: HandShim, reach: State["reach"]): Promise<number> {
      using client = await shim.connect();
      const daemon = await daemonPid(client, shim.id);
      const pid = await reach(client, shim);
      process.kill(daemon, "SIGKILL");
      await waitUntil("daemon to die", async () => {
        const info = await readProcess(daemon);
        return info === undefined || info.state === "Z" ? true : undefined;
      });
      return pid;
    }
  },
);
