// SPDX-License-Identifier: Apache-2.0
import { packAny } from "@runwasi/containerd-api";
import { ProcessDetails } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import type { ProcessInfo } from "@runwasi/containerd-api/gen/types/task/task.ts";
import { ShimError } from "../error.ts";
import type { Task } from "./task.ts";

/**
 * All processes of a task as Pids answers them, those of execs with their exec id.
 *
 * @throws ShimError Unimplemented when the instance cannot list them.
 */
export function listProcesses({ id, instance, exit, execs }: Task): ProcessInfo[] {
  // Not empty for a task that has stopped: a containerd that restarts would take an empty list for a dead shim and
  // lose the exit status (1.7.20 to 2.3.0, core/runtime/v2/shim_load.go).
  if (exit) return [{ pid: exit.pid, info: undefined }];
  if (!instance.pids) throw new ShimError("Unimplemented", `cannot list the processes of task "${id}"`);
  const execIds = new Map([...execs.values()].map((exec) => [exec.pid, exec.id]));
  return instance.pids().map((pid) => {
    const execId = execIds.get(pid);
    const details = execId === undefined ? undefined : { execId };
    return { pid, info: details && packAny("containerd.runc.v1.ProcessDetails", ProcessDetails, details) };
  });
}
