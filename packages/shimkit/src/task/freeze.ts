// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import type { Publisher } from "../events/publisher.ts";
import { taskPaused, taskResumed } from "../events/task-event.ts";
import type { Process } from "./process.ts";
import type { Task } from "./task.ts";

/** Stops the processes of a task that runs where they are, and publishes that. */
export async function pause({ id, instance }: Task, init: Process, publisher: Publisher): Promise<void> {
  if (!instance.pause) throw new ShimError("Unimplemented", `cannot pause task "${id}"`);
  if (init.state.kind !== "running") throw init.wrongState("pause");
  await instance.pause();
  init.freeze(true);
  publisher.publish(taskPaused({ containerId: id }));
}

/** Lets the processes of a paused task go on, and publishes that. */
export async function resume({ id, instance }: Task, init: Process, publisher: Publisher): Promise<void> {
  if (!instance.resume) throw new ShimError("Unimplemented", `cannot resume task "${id}"`);
  if (init.state.kind !== "paused") throw init.wrongState("resume");
  await instance.resume();
  init.freeze(false);
  publisher.publish(taskResumed({ containerId: id }));
}
