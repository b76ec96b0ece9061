// SPDX-License-Identifier: Apache-2.0
import { TaskV2Definition, TaskV3Definition, type TaskDefinition } from "@runwasi/containerd-api";
import { service, type Handlers, type Service } from "@runwasi/ttrpc";
import { ShimError } from "../error.ts";
import { createTask, type TaskHost } from "./create-task.ts";
import { exitFields } from "./exit-fields.ts";
import { listProcesses } from "./list-processes.ts";
import { stateOf } from "./state-response.ts";
import type { TaskTable } from "./task-table.ts";

export interface TaskServiceOptions extends TaskHost {
  readonly tasks: TaskTable;
  /** Called after Stats, which is asked for more often than anything happens. */
  readonly measured: () => void;
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

function taskHandlers({ tasks, measured, shutdown, ...host }: TaskServiceOptions): Handlers<TaskDefinition> {
  return {
    ...processHandlers(tasks),
    ...limitHandlers(tasks),
    async create(request) {
      const task = await tasks.add(request.id, () => createTask(request, host));
      return { pid: task.instance.pid };
    },
    async delete({ id, execId }) {
      await tasks.settled(id);
      const task = tasks.get(id);
      const exit = await tasks.process(id, execId).delete();
      if (execId === "") tasks.remove(task);
      return exitFields(exit);
    },
    async pids({ id }) {
      return { processes: listProcesses(tasks.get(id)) };
    },
    async stats({ id }) {
      const { instance } = tasks.get(id);
      if (!instance.stats) throw new ShimError("Unimplemented", `cannot measure task "${id}"`);
      const stats = await instance.stats();
      measured();
      return { stats };
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

/** Calls on one process: a task's init, or an exec. */
function processHandlers(tasks: TaskTable): Partial<Handlers<TaskDefinition>> {
  return {
    async start({ id, execId }) {
      const process = tasks.process(id, execId);
      await process.start();
      return { pid: process.pid };
    },
    async exec(request) {
      await tasks.get(request.id).addExec(request);
      return {};
    },
    async state({ id, execId }) {
      return stateOf(tasks.get(id), tasks.process(id, execId), execId);
    },
    async wait({ id, execId }) {
      return exitFields(await tasks.process(id, execId).stopped);
    },
    async kill({ id, execId, signal, all }) {
      await tasks.process(id, execId).kill(signal, all);
      return {};
    },
    async closeIO({ id, execId, stdin }) {
      const process = tasks.process(id, execId);
      if (stdin) process.closeStdin();
      return {};
    },
    async resizePty({ id, execId, width, height }) {
      tasks.process(id, execId).resize({ width, height });
      return {};
    },
  };
}

/** Calls that hold a task back, or keep it. */
function limitHandlers(tasks: TaskTable): Partial<Handlers<TaskDefinition>> {
  return {
    async pause({ id }) {
      await tasks.get(id).pause();
      return {};
    },
    async resume({ id }) {
      await tasks.get(id).resume();
      return {};
    },
    async update({ id, resources }) {
      await tasks.get(id).update(resources);
      return {};
    },
    async checkpoint(request) {
      await tasks.get(request.id).checkpoint(request);
      return {};
    },
  };
}
