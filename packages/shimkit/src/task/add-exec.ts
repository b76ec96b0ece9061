// SPDX-License-Identifier: Apache-2.0
import type { ExecProcessRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { ShimError } from "../error.ts";
import { taskExecAdded } from "../events/task-event.ts";
import { Exec, type ExecHost } from "./exec.ts";
import { parseExecProcess } from "./parse-exec-process.ts";

/**
 * Adds an exec to those of a task, under an id that no other has until it is deleted.
 *
 * @throws ShimError AlreadyExists, Unimplemented or InvalidArgument.
 */
export function addExec(request: ExecProcessRequest, execs: Map<string, Exec>, host: ExecHost): void {
  const { execId } = request;
  if (execId === "")
    throw new ShimError("InvalidArgument", `cannot execute in task "${host.id}": no exec id`);
  if (execs.has(execId)) {
    throw new ShimError("AlreadyExists", `cannot add exec "${execId}" to task "${host.id}": it exists`);
  }
  if (!host.instance.exec) throw new ShimError("Unimplemented", `cannot execute in task "${host.id}"`);
  const { terminal, stdin, stdout, stderr } = request;
  const process = parseExecProcess(request.spec, terminal);
  const exec = new Exec({
    id: execId,
    process,
    stdio: { terminal, stdin, stdout, stderr },
    host,
    forget: () => void execs.delete(execId),
  });
  execs.set(execId, exec);
  host.publisher.publish(taskExecAdded({ containerId: host.id, execId }));
}
