// SPDX-License-Identifier: Apache-2.0
import { TaskDefinition as TaskV2 } from "../gen/runtime/task/v2/shim.ts";

/** The Task service of one version of the API. */
export type TaskDefinition = Omit<typeof TaskV2, "fullName"> & { readonly fullName: string };

/** The Task service as containerd 1.x calls it, and 2.x when a shim announces version 2. */
export const TaskV2Definition: TaskDefinition = TaskV2;

/**
 * The Task service as containerd 2.x calls it when a shim announces version 3.
 *
 * Its messages are those of v2 to the byte (api v1.12.0), so one set of codecs serves both: a second would
 * cost every daemon's boot.
 */
export const TaskV3Definition: TaskDefinition = { ...TaskV2, fullName: "containerd.task.v3.Task" };
