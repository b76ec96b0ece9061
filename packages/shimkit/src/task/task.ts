// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { writeDeleted, writeExitResponse, type Bundle } from "../bundle.ts";
import { encodeDeleteResponse } from "../command/delete-response.ts";
import type { ExitStatus } from "../daemon/reaper.ts";
import { messageOf, ShimError } from "../error.ts";
import type { Publisher } from "../events/publisher.ts";
import { taskDelete, taskExit, taskOom, taskStart } from "../events/task-event.ts";
import type { Instance } from "../instance.ts";
import type { Logger } from "../log/logger.ts";
import type { Stdio, StdioRequest } from "../stdio/stdio.ts";
import { exitFields } from "./exit-fields.ts";

/** Where a task is in its life; `starting` and `deleting` while the call runs. */
export type TaskState =
  | { readonly kind: "created" }
  | { readonly kind: "starting"; readonly settled: Promise<void> }
  | { readonly kind: "running" }
  | { readonly kind: "stopped"; readonly exit: ExitStatus }
  | { readonly kind: "deleting"; readonly exit: ExitStatus; readonly done: Promise<void> }
  | { readonly kind: "deleted"; readonly exit: ExitStatus };

export interface TaskParts {
  readonly id: string;
  readonly bundle: Bundle;
  readonly instance: Instance;
  readonly stdio: Stdio;
  readonly stdioRequest: StdioRequest;
  readonly log: Logger;
  readonly publisher: Publisher;
  /** Rootfs mount, stdio and log; the task disposes them at its deletion. */
  readonly resources: AsyncDisposable;
}

/**
 * A container as containerd sees it: its state, and the calls that each state allows.
 *
 * Order of events: start before exit (an exit during `start` waits for it), oom before exit, exit before delete. The exit is
 * published before any Wait is answered.
 */
export class Task {
  readonly id: string;
  readonly bundle: Bundle;
  readonly instance: Instance;
  readonly stdio: StdioRequest;
  /** Resolves when the task has stopped and its exit is published. */
  readonly stopped: Promise<ExitStatus>;
  readonly #parts: TaskParts;
  #state: TaskState = { kind: "created" };

  constructor(parts: TaskParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.bundle = parts.bundle;
    this.instance = parts.instance;
    this.stdio = parts.stdioRequest;
    this.stopped = parts.instance.exited.then((exit) => this.#stop(exit));
  }

  get state(): TaskState {
    return this.#state;
  }

  /** How the task ended; undefined while it has not. */
  get exit(): ExitStatus | undefined {
    return "exit" in this.#state ? this.#state.exit : undefined;
  }

  /** @throws ShimError FailedPrecondition unless just created, or what the instance throws; it is created still then. */
  async start(): Promise<void> {
    if (this.#state.kind !== "created") throw this.#wrongState("start");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = { kind: "starting", settled: promise };
    try {
      await this.instance.start();
      this.#state = { kind: "running" };
      this.#parts.publisher.publish(taskStart({ containerId: this.id, pid: this.instance.pid }));
    } catch (error) {
      this.#state = { kind: "created" }; // containerd deletes what could not start, and a running task it may not
      this.#parts.log.error(messageOf(error)); // as a failed Create: its caller may be gone, the log stays
      throw error;
    } finally {
      resolve();
    }
  }

  /** @throws ShimError NotFound when the task has ended. */
  async kill(signal: number, all: boolean): Promise<void> {
    if (this.exit) throw new ShimError("NotFound", `cannot kill task "${this.id}": its process has ended`);
    await this.instance.kill(signal, all);
  }

  /** Lets the process see the end of its input. Fine in every state. */
  closeStdin(): void {
    this.#parts.stdio.closeStdin();
  }

  /**
   * Removes a task that has stopped, or was created and never started (which is killed).
   *
   * @throws ShimError FailedPrecondition while it runs, NotFound when it is deleted, or what the instance throws; the
   * task can be deleted again then.
   */
  async delete(): Promise<ExitStatus> {
    if (this.#state.kind === "created") {
      await this.instance.kill(constants.signals.SIGKILL, false).catch(ignoreNotFound);
      await this.stopped;
    }
    const state = this.#state;
    switch (state.kind) {
      case "created":
      case "starting":
      case "running":
        throw this.#wrongState("delete");
      case "deleted":
        throw new ShimError("NotFound", `cannot delete task "${this.id}": it is deleted`);
      case "deleting":
        await state.done;
        return state.exit;
      case "stopped":
        await this.#delete(state.exit);
        return state.exit;
      default:
        return state satisfies never;
    }
  }

  async #delete(exit: ExitStatus): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // for a second caller only; this one throws below
    this.#state = { kind: "deleting", exit, done: promise };
    try {
      await this.instance.delete();
      await this.#parts.resources[Symbol.asyncDispose]();
    } catch (error) {
      this.#state = { kind: "stopped", exit };
      reject(error);
      throw error;
    }
    this.#state = { kind: "deleted", exit };
    this.#record(exit, writeDeleted);
    this.#parts.publisher.publish(taskDelete({ containerId: this.id, id: "", ...exitFields(exit) }));
    resolve();
  }

  async #stop(exit: ExitStatus): Promise<ExitStatus> {
    if (this.#state.kind === "starting") await this.#state.settled;
    this.#state = { kind: "stopped", exit };
    this.#record(exit, writeExitResponse);
    // Before the exit: whoever tells an operator why a container ended has to know it then.
    if (this.instance.wasOomKilled?.()) this.#parts.publisher.publish(taskOom({ containerId: this.id }));
    this.#parts.log.debug("task has stopped", { pid: exit.pid, exitStatus: exit.status });
    this.#parts.publisher.publish(taskExit({ containerId: this.id, id: this.id, ...exitFields(exit) }));
    return exit;
  }

  // For the `delete` command only, which does without: a full disk must not keep the exit from containerd.
  #record(exit: ExitStatus, write: (bundle: Bundle, response: Uint8Array) => void): void {
    try {
      write(this.bundle, encodeDeleteResponse(exit));
    } catch (error) {
      this.#parts.log.error(`cannot record the exit of task "${this.id}": ${messageOf(error)}`);
    }
  }

  #wrongState(verb: string): ShimError {
    return new ShimError("FailedPrecondition", `cannot ${verb} task "${this.id}": it is ${this.#state.kind}`);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ShimError && error.code === "NotFound")) throw error;
}
