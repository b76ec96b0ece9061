// SPDX-License-Identifier: Apache-2.0
// containerd is killed and started again at each stage of a task's life.
import { deleteStopped } from "../../harness/detached.ts";
import { execIn } from "../../harness/exec.ts";
import { createTask } from "../created-task.ts";
import type { ParityCase } from "../parity-case.ts";
import { processesWithExec, statusOf, type Stage } from "../stage.ts";

const UNTIL_TERM = "trap 'exit 8' TERM; echo ready; while :; do sleep 0.05; done";

async function restart({ containerd }: Stage): Promise<void> {
  await containerd.kill();
  await containerd.start();
}

export const RESTART_CASES: readonly ParityCase[] = [
  {
    name: "containerd restarts when a task is created and not started",
    expected: { status: "CREATED", exit: 137 },
    async play(stage) {
      await using _task = await createTask(stage);
      await restart(stage);
      const status = await statusOf(stage);
      await stage.containerd.ctr(["task", "kill", "--signal", "SIGKILL", stage.id]);
      return { status, exit: await deleteStopped(stage.containerd, stage.id) };
    },
  },
  {
    name: "containerd restarts while a task runs",
    expected: { status: "RUNNING", exec: { stdout: "still\n", exitCode: 3 }, exit: 8 },
    async play(stage) {
      await using container = await stage.start({}, UNTIL_TERM);
      await container.printed("ready");
      await restart(stage);
      const status = await statusOf(stage);
      const exec = await execIn(stage.containerd, container, { args: ["sh", "-c", "echo still; exit 3"] });
      await container.kill();
      return { status, exec, exit: await container.deleted() };
    },
  },
  {
    name: "containerd restarts while a task is paused",
    expected: { status: "PAUSED", resumed: "RUNNING", exit: 8 },
    async play(stage) {
      await using container = await stage.start({}, UNTIL_TERM);
      await container.printed("ready");
      await stage.containerd.ctr(["task", "pause", stage.id]);
      await restart(stage);
      const status = await statusOf(stage);
      await stage.containerd.ctr(["task", "resume", stage.id]);
      const resumed = await statusOf(stage);
      await container.kill();
      return { status, resumed, exit: await container.deleted() };
    },
  },
  {
    name: "containerd restarts when a task has stopped",
    expected: {},
    async play(stage) {
      await using container = await stage.start({}, "exit 4");
      await container.stopped();
      await restart(stage);
      return { status: await statusOf(stage) };
    },
  },
  {
    name: "containerd restarts while an exec runs",
    expected: { pids: 3, exit: 8 },
    async play(stage) {
      await using container = await stage.start({}, "trap 'exit 8' TERM; sleep 1000 & echo ready; wait");
      await container.printed("ready");
      const pids = await processesWithExec(stage, () => restart(stage));
      await container.kill();
      return { pids, exit: await container.deleted() };
    },
  },
];
