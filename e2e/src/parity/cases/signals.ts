// SPDX-License-Identifier: Apache-2.0
// Signals to init and to all, with PID namespaces that are shared too.
import { readdir, readFile } from "node:fs/promises";
import { subscribe } from "../../harness/events.ts";
import { waitUntil } from "../../harness/wait-until.ts";
import type { ParityCase } from "../parity-case.ts";
import { statusOf } from "../stage.ts";

const HOST_PIDS = { linux: { namespaces: ["ipc", "uts", "mount", "network"].map((type) => ({ type })) } };

const UNTIL_TERM = "trap 'exit 6' TERM; echo ready; while :; do sleep 0.05; done";

/** How many processes of the host sleep for just so long. */
async function sleepers(seconds: string): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line === `sleep\0${seconds}\0`).length;
}

export const SIGNAL_CASES: readonly ParityCase[] = [
  {
    name: "SIGTERM is nothing to an init that does not handle it, SIGKILL ends it",
    expected: { status: "RUNNING", exit: 137 },
    async play({ containerd, start, id }) {
      await using container = await start({}, "exec sleep 1000");
      await container.kill();
      const status = await statusOf({ containerd, id });
      await container.kill("--signal", "SIGKILL");
      return { status, exit: await container.deleted() };
    },
  },
  {
    name: "a signal to all reaches the children",
    expected: { output: "ready\nchild\ninit\n", exit: 0 },
    async play({ start }) {
      // The shells say of what they wait for how it ended.
      const child = "(trap 'echo child; exit' USR1; echo ready; while :; do sleep 0.05; done)";
      const script = `exec 2>/dev/null; trap : USR1; ${child} & wait; wait; echo init`;
      await using container = await start({}, script);
      await container.printed("ready");
      await container.kill("--all", "--signal", "SIGUSR1");
      await container.stopped();
      return { output: await container.output(), exit: await container.deleted() };
    },
  },
  {
    name: "with the host's PID namespace init's exit ends its children",
    expected: { before: 1, exit: 6, after: 0 },
    async play({ start, runtime }) {
      const seconds = runtime === "runc" ? "7654321" : "7654322";
      await using container = await start(HOST_PIDS, `sleep ${seconds} & ${UNTIL_TERM}`);
      await container.printed("ready");
      const before = await waitUntil("child to run", async () => (await sleepers(seconds)) || undefined);
      await container.kill();
      const exit = await container.deleted();
      const after = await waitUntil("child to end", async () =>
        (await sleepers(seconds)) === 0 ? 0 : undefined,
      );
      return { before, after, exit };
    },
  },
  {
    name: "with the host's PID namespace SIGTERM ends an init that does not handle it",
    expected: { exit: 143 },
    async play({ start }) {
      await using container = await start(HOST_PIDS, "exec sleep 1000");
      await container.kill();
      return { exit: await container.deleted() };
    },
  },
  {
    name: "with the host's PID namespace init's exit is told after its execs'",
    expected: { exits: ["long 137", "init 6"] },
    async play({ containerd, start, id }) {
      await using events = await subscribe(containerd);
      await using container = await start(HOST_PIDS, UNTIL_TERM);
      await container.printed("ready");
      await containerd.ctr(["task", "exec", "--detach", "--exec-id", "long", id, "sleep", "1000"]);
      await container.kill();
      await container.deleted();
      await events.initExit(id);
      const exits = events.of(id).filter(({ topic }) => topic === "/tasks/exit");
      const told = exits.map(({ payload }) => {
        return `${payload["id"] === id ? "init" : String(payload["id"])} ${String(payload["exit_status"])}`;
      });
      return { exits: told };
    },
  },
  {
    name: "in another container's PID namespace init's exit ends its own children alone",
    expected: { before: 1, exit: 6, after: 0, other: "RUNNING" },
    async play(stage) {
      const { containerd, start, id, runtime } = stage;
      const seconds = runtime === "runc" ? "8654321" : "8654322";
      await using first = await start({}, "exec sleep 1000", `${id}-first`);
      const path = `/proc/${first.pid}/ns/pid`;
      const namespaces = [...HOST_PIDS.linux.namespaces, { type: "pid", path }];
      await using second = await start({ linux: { namespaces } }, `sleep ${seconds} & ${UNTIL_TERM}`);
      await second.printed("ready");
      const before = await waitUntil("child to run", async () => (await sleepers(seconds)) || undefined);
      await second.kill();
      const exit = await second.deleted();
      const after = await waitUntil("child to end", async () =>
        (await sleepers(seconds)) === 0 ? 0 : undefined,
      );
      return { before, exit, after, other: await statusOf({ containerd, id: first.id }) };
    },
  },
];
