// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import type {
  CheckpointTaskRequest,
  ExecProcessRequest,
} from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import type { Spawn } from "@runwasi/oci-runtime";
import { writeDeleted, writeExitResponse, type Bundle } from "../bundle.ts";
import { encodeDeleteResponse } from "../command/delete-response.ts";
import type { ExitStatus } from "../daemon/reaper.ts";
import { messageOf, ShimError } from "../error.ts";
import type { Publisher } from "../events/publisher.ts";
import { taskDelete, taskExit, taskOom, taskStart } from "../events/task-event.ts";
import type { Instance } from "../instance.ts";
import type { TerminalSize } from "../linux/terminal-syscalls.ts";
import type { Logger } from "../log/logger.ts";
import type { IoOwner, Stdio, StdioRequest } from "../stdio/stdio.ts";
import type { ContainerProcess } from "./container-process.ts";
import type { Exec } from "./exec.ts";
import { exitFields } from "./exit-fields.ts";
import { handOver } from "./hand-over.ts";
import type { OomWatch } from "./oom-watch.ts";
import { Process, type ProcessState, type ProcessSteps } from "./process.ts";

export interface TaskParts {
  readonly id: string;
  readonly namespace: string;
  readonly bundle: Bundle;
  readonly instance: Instance;
  /** For the loggers of execs. */
  readonly spawn: Spawn;
  readonly stateDir: string;
  readonly ioOwner?: IoOwner | undefined;
  /** Absent: kills for want of memory are told at the exit only. */
  readonly oomWatch?: OomWatch | undefined;
  readonly stdio: Stdio;
  readonly stdioRequest: StdioRequest;
  readonly log: Logger;
  readonly publisher: Publisher;
  /** Rootfs mount, stdio and log; the task disposes them at its deletion. */
  readonly resources: AsyncDisposable;
}

/**
 * A container as containerd sees it: its init, and the processes that were executed beside it.
 *
 * Order of events: start before exit (an exit during `start` waits for it), the exits of execs and oom before init's exit,
 * exit before delete. The exit is published before any Wait is answered.
 */
export class Task implements ContainerProcess {
  readonly id: string;
  readonly bundle: Bundle;
  readonly instance: Instance;
  readonly stdio: StdioRequest;
  readonly #parts: TaskParts;
  readonly #init: Process;
  readonly #execs = new Map<string, Exec>();
  /** Nothing can be started from here on: the execs that run are ended, and then the exit is told. */
  #hasEnded = false;
  #hasStarted = false;
  #oomWatched: Disposable | undefined;
  /** Kills for want of memory that an event has told of. */
  #oomKillsTold = 0n;

  constructor(parts: TaskParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.bundle = parts.bundle;
    this.instance = parts.instance;
    this.stdio = parts.stdioRequest;
    this.#init = new Process(this.#steps());
    void parts.instance.exited.then((exit) => this.#end(exit));
  }

  get pid(): number {
    return this.instance.pid;
  }

  get state(): ProcessState {
    return this.#init.state;
  }

  get exit(): ExitStatus | undefined {
    return this.#init.exit;
  }

  get stopped(): Promise<ExitStatus> {
    return this.#init.stopped;
  }

  /** The execs that are not deleted, by id. */
  get execs(): ReadonlyMap<string, Exec> {
    return this.#execs;
  }

  /** @throws ShimError FailedPrecondition unless just created, or what the instance throws; it is created still then. */
  async start(): Promise<void> {
    await this.#init.start();
  }

  /** @throws ShimError NotFound when the task has ended. */
  async kill(signal: number, all: boolean): Promise<void> {
    await this.#init.kill(signal, all);
  }

  /** Lets the process see the end of its input. Fine in every state. */
  closeStdin(): void {
    this.#parts.stdio.closeStdin();
  }

  /** Does nothing without a terminal, as runc's shim. @throws ShimError FailedPrecondition when the task has ended. */
  resize(size: TerminalSize): void {
    if (this.exit) throw this.#init.wrongState("resize");
    this.#parts.stdio.resize?.(size);
  }

  /**
   * Removes a task that has stopped, or was created and never started (which is killed); its execs go with it.
   *
   * @throws ShimError FailedPrecondition while it runs, NotFound when it is deleted, or what the instance throws; the
   * task can be deleted again then.
   */
  async delete(): Promise<ExitStatus> {
    return this.#init.delete();
  }

  /**
   * Takes note of a process to execute, which `start` of the exec then does.
   *
   * @throws ShimError AlreadyExists for an id in use, FailedPrecondition in a task that has stopped or is paused, Unimplemented
   * where the instance has no execs, InvalidArgument for what cannot be executed.
   */
  async addExec(request: ExecProcessRequest): Promise<void> {
    const { addExec } = await import("./add-exec.ts");
    // Not from the end on, but from when it is told: until then the task is said to run. What is added starts no more.
    if (this.exit)
      throw new ShimError("FailedPrecondition", `cannot execute in task "${this.id}": it has ended`);
    if (this.state.kind === "paused") throw this.#init.wrongState("execute in");
    addExec(request, this.#execs, {
      ...this.#parts,
      canStart: () => !this.#hasEnded,
      isPaused: () => this.state.kind === "paused",
    });
  }

  /** @throws ShimError FailedPrecondition unless it runs, Unimplemented, or what the instance throws. */
  async pause(): Promise<void> {
    await (await import("./freeze.ts")).pause(this, this.#init, this.#parts.publisher);
  }

  /** @throws ShimError FailedPrecondition unless it is paused, Unimplemented, or what the instance throws. */
  async resume(): Promise<void> {
    await (await import("./freeze.ts")).resume(this, this.#init, this.#parts.publisher);
  }

  /** Changes limits. @throws ShimError FailedPrecondition in a task that has ended, or as `updateTask`. */
  async update(resources: Any | undefined): Promise<void> {
    if (this.#hasEnded)
      throw new ShimError("FailedPrecondition", `cannot update task "${this.id}": it has ended`);
    await (await import("./update-task.ts")).updateTask(this, resources);
    this.#watchOom();
  }

  /** @throws ShimError as `checkpointTask`. */
  async checkpoint(request: CheckpointTaskRequest): Promise<void> {
    await (await import("./checkpoint-task.ts")).checkpointTask(this, this.#init, request);
  }

  #steps(): ProcessSteps {
    const { id, instance, publisher, log, stdio } = this.#parts;
    return {
      name: `task "${id}"`,
      start: async () => {
        try {
          const isRestored = instance.pid === 0;
          await instance.start();
          if (isRestored) await handOver(stdio, instance); // its init has just begun, with what others got at Create
        } catch (error) {
          log.error(messageOf(error)); // as a failed Create: its caller may be gone, the log stays
          throw error;
        }
        publisher.publish(taskStart({ containerId: id, pid: instance.pid }));
        this.#hasStarted = true;
        this.#watchOom();
      },
      kill: async (signal, all) => {
        await instance.kill(signal, all);
        // A frozen process of cgroup v1 does not end before it goes on.
        const isLast = signal === constants.signals.SIGKILL && this.state.kind === "paused";
        if (isLast) await instance.resume?.().catch(() => {}); // on cgroup v2 it may have ended meanwhile
      },
      abandon: () => instance.kill(constants.signals.SIGKILL, false).catch(ignoreNotFound),
      stop: (exit) => this.#publishExit(exit),
      delete: (exit) => this.#delete(exit),
    };
  }

  // With a PID namespace of the container's own the kernel has ended the execs; else they would outlive init.
  async #end(exit: ExitStatus): Promise<void> {
    this.#hasEnded = true;
    this.#oomWatched?.[Symbol.dispose]();
    if (this.#execs.size > 0) await Promise.all([...this.#execs.values()].map((exec) => exec.end()));
    await this.#init.ended(exit);
  }

  #publishExit(exit: ExitStatus): void {
    const { id, publisher, log } = this.#parts;
    this.#record(exit, writeExitResponse);
    this.#tellOom(); // before the exit: whoever tells an operator why a container ended has to know it then
    log.debug("task has stopped", { pid: exit.pid, exitStatus: exit.status });
    publisher.publish(taskExit({ containerId: id, id, ...exitFields(exit) }));
  }

  // TaskOOM must not come before TaskStart.
  #watchOom(): void {
    const { instance, oomWatch } = this.#parts;
    if (instance.limitsMemory !== true || this.#hasEnded || !this.#hasStarted) return;
    this.#oomWatched ??= oomWatch?.add(() => this.#tellOom());
  }

  #tellOom(): void {
    const { id, instance, publisher } = this.#parts;
    const kills = instance.oomKills?.() ?? 0n;
    if (kills <= this.#oomKillsTold) return;
    this.#oomKillsTold = kills;
    publisher.publish(taskOom({ containerId: id }));
  }

  async #delete(exit: ExitStatus): Promise<void> {
    await this.instance.delete();
    for (const exec of this.#execs.values()) await exec.delete();
    await this.#parts.resources[Symbol.asyncDispose]();
    this.#record(exit, writeDeleted);
    this.#parts.publisher.publish(taskDelete({ containerId: this.id, id: "", ...exitFields(exit) }));
  }

  // For the `delete` command only, which does without: a full disk must not keep the exit from containerd.
  #record(exit: ExitStatus, write: (bundle: Bundle, response: Uint8Array) => void): void {
    try {
      write(this.bundle, encodeDeleteResponse(exit));
    } catch (error) {
      this.#parts.log.error(`cannot record the exit of task "${this.id}": ${messageOf(error)}`);
    }
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ShimError && error.code === "NotFound")) throw error;
}
