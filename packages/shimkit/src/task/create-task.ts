// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { CreateTaskRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { bundleAt, clearDeleted } from "../bundle.ts";
import { messageOf, ShimError } from "../error.ts";
import type { Publisher } from "../events/publisher.ts";
import { taskCreate } from "../events/task-event.ts";
import type { CreateInstance, InstanceHost } from "../instance.ts";
import { openBundleLog, type LogLevel } from "../log/logger.ts";
import { mountRootfs } from "../mount/mount-rootfs.ts";
import { parseRuntimeOptions, type RuntimeOptions } from "../runtime-options.ts";
import { openStdio, type IoOwner } from "../stdio/stdio.ts";
import { handOver } from "./hand-over.ts";
import type { OomWatch } from "./oom-watch.ts";
import { Task } from "./task.ts";

/** What a daemon needs to create tasks. */
export interface TaskHost extends InstanceHost {
  readonly shimName: string;
  readonly namespace: string;
  readonly logLevel: LogLevel;
  readonly createInstance: CreateInstance;
  readonly publisher: Publisher;
  readonly oomWatch?: OomWatch;
}

/** Makes a task from Create's request. On failure nothing is left: mounts, fds, cgroups. */
export async function createTask(request: CreateTaskRequest, host: TaskHost): Promise<Task> {
  const { id } = request;
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
    const checkpoint = await checkpointOf(request, options);
    if (options.shimCgroup !== "") (await import("../daemon/join-cgroup.ts")).joinCgroup(options.shimCgroup);
    undo.use(await mountRootfs(request.rootfs, bundle.rootfs, { spawn: host.spawn }));
    const { stdin, stdout, stderr, terminal } = request;
    const stdioRequest = { stdin, stdout, stderr, terminal };
    const { namespace, spawn, stateDir } = host;
    const ioOwner = ioOwnerOf(options);
    const owner = { id, namespace, spawn, log, stateDir, ioOwner };
    const stdio = undo.use(await openStdio(stdioRequest, owner));
    const asked = { id, namespace, bundle, stdio, options, log, checkpoint };
    const instance = await host.createInstance(asked, host);
    if (checkpoint === undefined) await handOver(stdio, instance);
    const { rootfs } = request;
    // Before the Task listens for the exit, whose event must not come first.
    host.publisher.publish(
      taskCreate({
        containerId: id,
        bundle: bundle.path,
        rootfs,
        io: stdioRequest,
        checkpoint: checkpoint ?? "",
        pid: instance.pid,
      }),
    );
    const { publisher } = host;
    const resources = undo.move();
    return new Task({
      id,
      namespace,
      bundle,
      instance,
      spawn,
      stateDir,
      ioOwner,
      oomWatch: host.oomWatch,
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

// containerd passes on what an image of a checkpoint was unpacked to; the option alone names a folder of the node's.
async function checkpointOf(
  { id, checkpoint, parentCheckpoint }: CreateTaskRequest,
  { criuImagePath }: RuntimeOptions,
): Promise<string | undefined> {
  const path = checkpoint === "" ? criuImagePath : checkpoint;
  if (path === "") return undefined;
  (await import("./checkpoint-task.ts")).assertCheckpoint(id, path, parentCheckpoint);
  return path;
}

function ioOwnerOf({ ioUid: uid, ioGid: gid }: RuntimeOptions): IoOwner | undefined {
  return uid === 0 && gid === 0 ? undefined : { uid, gid };
}
