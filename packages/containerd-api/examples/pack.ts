// SPDX-License-Identifier: Apache-2.0
import { packAny, timestampFromMs, unpackAny } from "@runwasi/containerd-api";
import { TaskExit } from "@runwasi/containerd-api/gen/events/task.ts";

const exit: TaskExit = {
  containerId: "one",
  id: "one",
  pid: 4242,
  exitStatus: 137,
  exitedAt: timestampFromMs(1_764_000_000_000),
};
const any = packAny("containerd.events.TaskExit", TaskExit, exit);
const event = unpackAny(any, "containerd.events.TaskExit", TaskExit);
process.stdout.write(`${any.typeUrl} says ${event?.exitStatus}\n`);
