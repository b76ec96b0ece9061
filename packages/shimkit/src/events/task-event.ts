// SPDX-License-Identifier: Apache-2.0
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { packAny } from "@runwasi/containerd-api";
import {
  TaskCreate,
  TaskDelete,
  TaskExecAdded,
  TaskExecStarted,
  TaskExit,
  TaskOOM,
  TaskPaused,
  TaskResumed,
  TaskStart,
} from "@runwasi/containerd-api/gen/events/task.ts";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";

/**
 * An event with its topic, packed.
 *
 * Per task they are published in the order create, start, oom, exit, delete; what never started has no start. Per exec:
 * exec-added, exec-started, exit, and the exit before the task's.
 */
export interface TaskEvent {
  readonly topic: string;
  readonly event: Any;
}

function kind<T>(
  topic: string,
  name: string,
  codec: { encode(message: T): BinaryWriter },
): (message: T) => TaskEvent {
  return (message) => ({ topic, event: packAny(`containerd.events.${name}`, codec, message) });
}

// Topics: containerd's core/runtime/events.go.
export const taskCreate: (message: TaskCreate) => TaskEvent = kind("/tasks/create", "TaskCreate", TaskCreate);
export const taskStart: (message: TaskStart) => TaskEvent = kind("/tasks/start", "TaskStart", TaskStart);
export const taskOom: (message: TaskOOM) => TaskEvent = kind("/tasks/oom", "TaskOOM", TaskOOM);
export const taskExit: (message: TaskExit) => TaskEvent = kind("/tasks/exit", "TaskExit", TaskExit);
export const taskDelete: (message: TaskDelete) => TaskEvent = kind("/tasks/delete", "TaskDelete", TaskDelete);
export const taskExecAdded: (message: TaskExecAdded) => TaskEvent = kind(
  "/tasks/exec-added",
  "TaskExecAdded",
  TaskExecAdded,
);
export const taskExecStarted: (message: TaskExecStarted) => TaskEvent = kind(
  "/tasks/exec-started",
  "TaskExecStarted",
  TaskExecStarted,
);
export const taskPaused: (message: TaskPaused) => TaskEvent = kind("/tasks/paused", "TaskPaused", TaskPaused);
export const taskResumed: (message: TaskResumed) => TaskEvent = kind(
  "/tasks/resumed",
  "TaskResumed",
  TaskResumed,
);
