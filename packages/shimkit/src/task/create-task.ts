// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { constants } from "node:os";
import { isAbsolute } from "node:path";
import type { CreateTaskRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { bundleAt, clearDeleted } from "../bundle.ts";
import { messageOf, ShimError } from "../error.ts";
import type { Publisher } from "../events/publisher.ts";
import { taskCreate } from "../events/task-event.ts";
import type { CreateInstance, Instance, InstanceHost } from "../instance.ts";
import { openBundleLog, type LogLevel } from "../log/logger.ts";
import { mountRootfs } from "../mount/mount-rootfs.ts";
import { parseRuntimeOptions } from "../runtime-options.ts";
import { openStdio, type Stdio } from "../stdio/stdio.ts";
import { Task } from "./task.ts";

/** What a daemon needs to create tasks. */
export interface TaskHost extends InstanceHost {
  readonly shimName: string;
  readonly namespace: string;
  readonly logLevel: LogLevel;
  readonly createInstance: CreateInstance;
  readonly publisher: Publisher;
}

/** Makes a task from Create's request. On failure nothing is left: mounts, fds, cgroups. */
export async function createTask(request: CreateTaskRequest, host: TaskHost): Promise<Task> {
  const { id } = request;
  assertSupported(request);
  const bundle = bundleAt(request.bundle);
  if (!isAbsolute(request.bundle) || !isDirectory(request.bundle)) {
    throw new ShimError("NotFound", `cannot create task "${id}": there is no bundle "${request.bundle}"`);
  }
  clearDeleted(bundle);
  await using undo = new AsyncDisposableStack();
  const fields = { runtime: host.shimName, namespace: host.namespace, id };
  const log = undo.use(openBundleLog(bundle.path, { minLevel: host.logLevel, fields }));
  try {
    const options = parseRuntimeOptions(request.options);
    undo.use(await mountRootfs(request.rootfs, bundle.rootfs, { spawn: host.spawn }));
    const { stdin, stdout, stderr, terminal } = request;
    const stdioRequest = { stdin, stdout, stderr, terminal };
    const owner = { id, namespace: host.namespace, spawn: host.spawn, log, stateDir: host.stateDir };
    const stdio = undo.use(await openStdio(stdioRequest, owner));
    const { namespace } = host;
    const instance = await host.createInstance({ id, namespace, bundle, stdio, options, log }, host);
    await handOver(stdio, instance);
    const { rootfs, checkpoint } = request;
    // Before the Task listens for the exit, whose event must not come first.
    host.publisher.publish(
      taskCreate({
        containerId: id,
        bundle: bundle.path,
        rootfs,
        io: stdioRequest,
        checkpoint,
        pid: instance.pid,
      }),
    );
    const { publisher, spawn } = host;
    const resources = undo.move();
    return new Task({
      id,
      namespace,
      bundle,
      instance,
      spawn,
      stateDir: host.stateDir,
      stdio,
      stdioRequest,
      log,
      publisher,
      resources,
    });
  } catch (error) {
    log.error(messageOf(error));
    throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // ENOENT, ENOTDIR
  }
}

async function handOver(stdio: Stdio, instance: Instance): Promise<void> {
  try {
    stdio.handedOver();
  } catch (error) {
    await instance.kill(constants.signals.SIGKILL, false);
    await instance.exited;
    await instance.delete();
    throw error;
  }
}

function assertSupported({ id, checkpoint }: CreateTaskRequest): void {
  if (checkpoint !== "")
    throw new ShimError("Unimplemented", `cannot create task "${id}": restore is not supported yet`);
}
