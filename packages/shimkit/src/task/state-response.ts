// SPDX-License-Identifier: Apache-2.0
import { timestampFromMs } from "@runwasi/containerd-api";
import type { StateResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { Status } from "@runwasi/containerd-api/gen/types/task/task.ts";
import type { ContainerProcess } from "./container-process.ts";
import type { ProcessState } from "./process.ts";
import type { Task } from "./task.ts";

/** A process as State answers it. */
export function stateOf(task: Task, process: ContainerProcess, execId: string): StateResponse {
  const { exit } = process;
  return {
    id: process.id,
    bundle: task.bundle.path,
    pid: process.pid,
    status: statusOf(process.state),
    ...process.stdio,
    exitStatus: exit?.status ?? 0,
    exitedAt: exit && timestampFromMs(exit.exitedAtMs),
    execId,
  };
}

function statusOf(state: ProcessState): Status {
  switch (state.kind) {
    case "created":
    case "starting":
      return Status.CREATED;
    case "running":
      return Status.RUNNING;
    case "paused":
      return Status.PAUSED;
    case "stopped":
    case "deleting":
    case "deleted":
      return Status.STOPPED;
    default:
      return state satisfies never;
  }
}
