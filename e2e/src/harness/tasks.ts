// SPDX-License-Identifier: Apache-2.0
import type { Containerd } from "./containerd.ts";
import { waitUntil } from "./wait-until.ts";

export interface TaskRow {
  readonly id: string;
  readonly pid: number;
  readonly status: string;
}

export async function findTask(containerd: Containerd, id: string): Promise<TaskRow | undefined> {
  return (await listTasks(containerd)).find((task) => task.id === id);
}

/** The table of `ctr task ls`. */
async function listTasks(containerd: Containerd): Promise<TaskRow[]> {
  const { stdout } = await containerd.ctr(["task", "ls"]);
  return stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [id = "", pid = "", status = ""] = line.split(/\s+/);
      return { id, pid: Number(pid), status };
    });
}

/** Waits until `ctr task ls` shows the task in a status such as RUNNING. */
export async function waitForStatus(containerd: Containerd, id: string, status: string): Promise<void> {
  await waitUntil(`task ${id} to be ${status}`, async () => {
    const task = await findTask(containerd, id);
    return task?.status === status ? true : undefined;
  });
}
