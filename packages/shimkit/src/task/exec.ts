// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import type { SpecProcess } from "@runwasi/oci";
import type { ExitStatus } from "../daemon/reaper.ts";
import { messageOf, ShimError } from "../error.ts";
import { taskExecStarted, taskExit } from "../events/task-event.ts";
import type { ExecProcess } from "../instance.ts";
import type { TerminalSize } from "../linux/terminal-syscalls.ts";
import { openStdio, type Stdio, type StdioRequest } from "../stdio/stdio.ts";
import type { ContainerProcess } from "./container-process.ts";
import { exitFields } from "./exit-fields.ts";
import { Process, type ProcessState, type ProcessSteps } from "./process.ts";
import type { TaskParts } from "./task.ts";

/** What an exec needs of its task. */
export interface ExecHost extends Omit<TaskParts, "stdio" | "stdioRequest" | "resources"> {
  /** False once init has ended. */
  readonly canStart: () => boolean;
  readonly isPaused: () => boolean;
}

/** How a process is told to have ended that never ran; runc's shim answers the same for one that was not started. */
const NEVER_RAN: ExitStatus = { pid: 0, status: 0, exitedAtMs: 0 };
/** containerd's own status for what is not known. */
const FAILED_STATUS = 255;

interface ExecParts {
  readonly id: string;
  readonly process: SpecProcess;
  readonly stdio: StdioRequest;
  readonly host: ExecHost;
  /** Makes the id free again. */
  readonly forget: () => void;
}

/**
 * A process beside a container's init, as containerd sees it. It begins with Start: before that it has no pid and no
 * stdio.
 *
 * Order of events: exec-added, exec-started, exit. A start that fails has no event: who waits is answered, and the exec can
 * only be deleted.
 */
export class Exec implements ContainerProcess {
  readonly id: string;
  readonly stdio: StdioRequest;
  readonly #parts: ExecParts;
  readonly #process: Process;
  #running: ExecProcess | undefined;
  /** Of a start that failed: nothing runs, and nothing will. */
  #failure: ExitStatus | undefined;
  #openStdio: Stdio | undefined;

  constructor(parts: ExecParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.stdio = parts.stdio;
    this.#process = new Process(this.#steps());
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  get state(): ProcessState {
    const { state } = this.#process;
    return state.kind === "running" && this.#parts.host.isPaused() ? { kind: "paused" } : state;
  }

  get exit(): ExitStatus | undefined {
    return this.#process.exit;
  }

  get stopped(): Promise<ExitStatus> {
    return this.#process.stopped;
  }

  /** @throws ShimError FailedPrecondition unless just added to a task that runs, or what the instance throws. */
  async start(): Promise<void> {
    await this.#process.start();
  }

  /** @throws ShimError FailedPrecondition before `start`, NotFound when it has ended. */
  async kill(signal: number): Promise<void> {
    await this.#process.kill(signal, false);
  }

  closeStdin(): void {
    this.#openStdio?.closeStdin();
  }

  /** @throws ShimError FailedPrecondition when it has ended. */
  resize(size: TerminalSize): void {
    if (this.exit) throw this.#process.wrongState("resize");
    this.#openStdio?.resize?.(size);
  }

  async delete(): Promise<ExitStatus> {
    return this.#process.delete();
  }

  /** Ends it with its container; resolves when its exit, if it ever ran, is published. */
  async end(): Promise<void> {
    const { state } = this.#process;
    if (state.kind === "starting") await state.settled;
    if (this.#running === undefined) return;
    // NotFound: it has ended, and is about to say so.
    await this.kill(constants.signals.SIGKILL).catch(() => {});
    await this.stopped;
  }

  #steps(): ProcessSteps {
    const { id, host } = this.#parts;
    const name = `exec "${id}" of task "${host.id}"`;
    return {
      name,
      start: async () => {
        // The OCI runtime would join the frozen cgroup, and stand still.
        if (host.isPaused())
          throw new ShimError("FailedPrecondition", `cannot start ${name}: the task is paused`);
        if (!host.canStart())
          throw new ShimError("FailedPrecondition", `cannot start ${name}: the task has ended`);
        if (this.#failure)
          throw new ShimError("FailedPrecondition", `cannot start ${name}: it has failed to`);
        try {
          await this.#run();
        } catch (error) {
          host.log.error(`cannot start ${name}: ${messageOf(error)}`);
          this.#failure = { ...NEVER_RAN, status: FAILED_STATUS, exitedAtMs: Date.now() };
          this.#process.releaseWaiters(this.#failure);
          throw error;
        }
      },
      kill: async (signal) => {
        if (!this.#running)
          throw new ShimError("FailedPrecondition", `cannot kill ${name}: it has not been started`);
        this.#running.kill(signal);
      },
      abandon: () => this.#process.ended(this.#failure ?? NEVER_RAN),
      stop: (exit) => {
        if (this.#running === undefined) return;
        host.publisher.publish(taskExit({ containerId: host.id, id, ...exitFields(exit) }));
      },
      delete: async () => {
        await this.#openStdio?.[Symbol.asyncDispose]();
        this.#parts.forget();
      },
    };
  }

  async #run(): Promise<void> {
    const { id, process, host } = this.#parts;
    const { namespace, spawn, stateDir, ioOwner, log, instance, publisher } = host;
    await using undo = new AsyncDisposableStack();
    const owner = { id, namespace, spawn, log, stateDir, ioOwner, isExec: true };
    const stdio = undo.use(await openStdio(this.stdio, owner));
    const running = await instance.exec?.({ process, stdio });
    if (running === undefined) throw new ShimError("Unimplemented", `cannot execute in task "${host.id}"`);
    undo.defer(() => killQuietly(running));
    stdio.handedOver();
    undo.move();
    this.#openStdio = stdio;
    this.#running = running;
    publisher.publish(taskExecStarted({ containerId: host.id, execId: id, pid: running.pid }));
    void running.exited.then((exit) => this.#process.ended(exit));
  }
}

// What runs without the terminal that it wants is of no use. NotFound: it has ended by itself.
function killQuietly(process: ExecProcess): void {
  try {
    process.kill(constants.signals.SIGKILL);
  } catch (error) {
    if (!(error instanceof ShimError && error.code === "NotFound")) throw error;
  }
}
