// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Containerd } from "./containerd.ts";
import { runArguments, type Run } from "./run.ts";
import { findTask, waitForStatus } from "./tasks.ts";
import { waitUntil } from "./wait-until.ts";

/** A container that goes on while the test looks at it. */
export interface DetachedContainer extends AsyncDisposable {
  readonly id: string;
  readonly pid: number;
  /** Waits until its output holds `text`. */
  printed(text: string): Promise<void>;
  output(): Promise<string>;
  kill(...flags: string[]): Promise<void>;
  /** Waits until containerd lists the task as stopped. */
  stopped(): Promise<void>;
  /** Waits until containerd lists the task as stopped, then deletes it and answers the exit status. */
  deleted(): Promise<number>;
}

/** Starts a container with its output in a file; the caller disposes, which kills and removes it. */
export async function startDetached(containerd: Containerd, run: Run): Promise<DetachedContainer> {
  const id = run.id ?? containerd.nextId();
  const log = join(containerd.folder, `${id}.out`);
  const flags = ["--detach", "--log-uri", `file://${log}`, ...(run.flags ?? [])];
  const result = await containerd.ctr(runArguments(containerd, { ...run, id, flags }));
  if (result.exitCode !== 0) throw new Error(`cannot start container "${id}": ${result.stderr}`);
  const task = await findTask(containerd, id);
  if (task === undefined) throw new Error(`cannot find task "${id}": ctr task ls does not list it`);
  const output = () => readFile(log, "utf8").catch(() => "");
  return {
    id,
    pid: task.pid,
    output,
    async printed(text) {
      await waitUntil(`${id} to print ${text}`, async () =>
        (await output()).includes(text) ? true : undefined,
      );
    },
    async kill(...killFlags) {
      const { exitCode, stderr } = await containerd.ctr(["task", "kill", ...killFlags, id]);
      if (exitCode !== 0) throw new Error(`cannot kill task "${id}": ${stderr}`);
    },
    stopped: () => waitForStatus(containerd, id, "STOPPED"),
    deleted: () => deleteStopped(containerd, id),
    async [Symbol.asyncDispose]() {
      await removeContainer(containerd, id);
    },
  };
}

/** Kills what runs of a container and removes task and container, however far a test has brought them. */
export async function removeContainer(containerd: Containerd, id: string): Promise<void> {
  if ((await findTask(containerd, id)) !== undefined) {
    await containerd.ctr(["task", "kill", "--signal", "SIGKILL", id]);
    await deleteStopped(containerd, id);
  }
  await containerd.ctr(["container", "rm", id]);
}

/** Answers the exit status; ctr tells one other than 0 only in a warning. */
export async function deleteStopped(containerd: Containerd, id: string): Promise<number> {
  await waitForStatus(containerd, id, "STOPPED");
  const { exitCode, stderr } = await containerd.ctr(["task", "delete", id]);
  if (exitCode !== 0) throw new Error(`cannot delete task "${id}": ${stderr}`);
  return Number(/non-zero exit code (\d+)/.exec(stderr)?.[1] ?? 0);
}
