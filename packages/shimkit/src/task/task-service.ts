// SPDX-License-Identifier: Apache-2.0
import {
  TaskV2Definition,
  TaskV3Definition,
  timestampFromMs,
  type TaskDefinition,
} from "@runwasi/containerd-api";
import type { StateResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { Status } from "@runwasi/containerd-api/gen/types/task/task.ts";
import { service, type Handlers, type Service } from "@runwasi/ttrpc";
import { ShimError } from "../error.ts";
import { createTask, type TaskHost } from "./create-task.ts";
import { exitFields } from "./exit-fields.ts";
import type { Task, TaskState } from "./task.ts";
import type { TaskTable } from "./task-table.ts";

export interface TaskServiceOptions extends TaskHost {
  readonly tasks: TaskTable;
  /** Called for a Shutdown request; ends the daemon if nothing needs it. */
  readonly shutdown: (id: string) => void;
}

/**
 * containerd's Task API over a daemon's tasks, in both of its versions, which share one set of messages.
 * @see https://github.com/containerd/containerd/blob/v2.4.2/api/runtime/task/v3/shim.proto
 */
export function taskServices(options: TaskServiceOptions): readonly Service[] {
  const handlers = taskHandlers(options);
  return [service(TaskV2Definition, handlers), service(TaskV3Definition, handlers)];
}

function taskHandlers({ tasks, shutdown, ...host }: TaskServiceOptions): Handlers<TaskDefinition> {
  return {
    async create(request) {
      const task = await tasks.add(request.id, () => createTask(request, host));
      return { pid: task.instance.pid };
    },
    async start({ id, execId }) {
      const task = tasks.process(id, execId);
      await task.start();
      return { pid: task.instance.pid };
    },
    async state({ id, execId }) {
      return stateOf(tasks.process(id, execId));
    },
    async wait({ id, execId }) {
      return exitFields(await tasks.process(id, execId).stopped);
    },
    async kill({ id, execId, signal, all }) {
      await tasks.process(id, execId).kill(signal, all);
      return {};
    },
    async delete({ id, execId }) {
      await tasks.settled(id);
      const task = tasks.process(id, execId);
      const exit = await task.delete();
      tasks.remove(task);
      return exitFields(exit);
    },
    async pids({ id }) {
      const { instance, exit } = tasks.get(id);
      // Not empty for a task that has stopped: a containerd that restarts would take an empty list for a dead shim and
      // lose the exit status (1.7.20 to 2.3.0, core/runtime/v2/shim_load.go).
      if (exit) return { processes: [{ pid: exit.pid, info: undefined }] };
      if (!instance.pids) throw new ShimError("Unimplemented", `cannot list the processes of task "${id}"`);
      return { processes: instance.pids().map((pid) => ({ pid, info: undefined })) };
    },
    async stats({ id }) {
      const { instance } = tasks.get(id);
      if (!instance.stats) throw new ShimError("Unimplemented", `cannot measure task "${id}"`);
      return { stats: await instance.stats() };
    },
    async closeIO({ id, execId, stdin }) {
      const task = tasks.process(id, execId);
      if (stdin) task.closeStdin();
      return {};
    },
    async connect({ id }) {
      return { shimPid: process.pid, taskPid: tasks.find(id)?.instance.pid ?? 0, version: "" };
    },
    async shutdown({ id }) {
      shutdown(id);
      return {};
    },
  };
}

function stateOf(task: Task): StateResponse {
  return {
    id: task.id,
    bundle: task.bundle.path,
    pid: task.instance.pid,
    status: statusOf(task.state),
    ...task.stdio,
    exitStatus: task.exit?.status ?? 0,
    exitedAt: task.exit && timestampFromMs(task.exit.exitedAtMs),
    execId: "",
  };
}

function statusOf(state: TaskState): Status {
  switch (state.kind) {
    case "created":
    case "starting":
      return Status.CREATED;
    case "running":
      return Status.RUNNING;
    case "stopped":
    case "deleting":
    case "deleted":
      return Status.STOPPED;
    default:
      return state satisfies never;
  }
}
