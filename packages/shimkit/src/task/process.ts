// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";

/** Where a process is in its life; `starting` and `deleting` while the call runs. Only a container's init is paused. */
export type ProcessState =
  | { readonly kind: "created" }
  | { readonly kind: "starting"; readonly settled: Promise<void> }
  | { readonly kind: "running" }
  | { readonly kind: "paused" }
  | { readonly kind: "stopped"; readonly exit: ExitStatus }
  | { readonly kind: "deleting"; readonly exit: ExitStatus; readonly done: Promise<void> }
  | { readonly kind: "deleted"; readonly exit: ExitStatus };

/** What happens at each step of a process's life: in this a container's init and an exec differ. */
export interface ProcessSteps {
  /** For errors: `task "one"`. */
  readonly name: string;
  /** Lets it run, and publishes that; what it throws leaves the process created. */
  start(): Promise<void>;
  kill(signal: number, all: boolean): Promise<void>;
  /** Ends what was never started, so that `ended` is called. */
  abandon(): Promise<void>;
  /** Publishes how it ended, before any Wait is answered. */
  stop(exit: ExitStatus): void;
  /** Gives back what it held, and publishes that; what it throws leaves the process stopped. */
  delete(exit: ExitStatus): Promise<void>;
}

/** The states of one process of a container, and the calls that each state allows. */
export class Process {
  /** Resolves when the process has stopped and its exit is published. */
  readonly stopped: Promise<ExitStatus>;
  readonly #steps: ProcessSteps;
  readonly #resolveStopped: (exit: ExitStatus) => void;
  #state: ProcessState = { kind: "created" };

  constructor(steps: ProcessSteps) {
    this.#steps = steps;
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.stopped = promise;
    this.#resolveStopped = resolve;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** How it ended; undefined while it has not. */
  get exit(): ExitStatus | undefined {
    return "exit" in this.#state ? this.#state.exit : undefined;
  }

  /** @throws ShimError FailedPrecondition unless just created, or what the step throws; it is created still then. */
  async start(): Promise<void> {
    if (this.#state.kind !== "created") throw this.wrongState("start");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#state = { kind: "starting", settled: promise };
    try {
      await this.#steps.start();
      this.#state = { kind: "running" };
    } catch (error) {
      this.#state = { kind: "created" }; // containerd deletes what could not start, and a running process it may not
      throw error;
    } finally {
      resolve();
    }
  }

  /** The container's processes stand still, or go on. Nothing for one that has ended meanwhile. */
  freeze(isPaused: boolean): void {
    const [before, after] = isPaused ? (["running", "paused"] as const) : (["paused", "running"] as const);
    if (this.#state.kind === before) this.#state = { kind: after };
  }

  /** To be called once, when the process has ended; an exit that comes during `start` waits for it. */
  async ended(exit: ExitStatus): Promise<void> {
    if (this.#state.kind === "starting") await this.#state.settled;
    this.#state = { kind: "stopped", exit };
    this.#steps.stop(exit);
    this.#resolveStopped(exit);
  }

  /** Answers those who wait for what will never run; it stays created, as under runc's shim, and is to be deleted. */
  releaseWaiters(exit: ExitStatus): void {
    this.#resolveStopped(exit);
  }

  /** @throws ShimError NotFound when it has ended, or what the step throws. */
  async kill(signal: number, all: boolean): Promise<void> {
    if (this.exit) {
      throw new ShimError("NotFound", `cannot kill ${this.#steps.name}: its process has ended`);
    }
    await this.#steps.kill(signal, all);
  }

  /**
   * Removes what has stopped, or was created and never started.
   *
   * @throws ShimError FailedPrecondition while it runs, NotFound when it is deleted, or what the step throws; it can be
   * deleted again then.
   */
  async delete(): Promise<ExitStatus> {
    if (this.#state.kind === "created") {
      await this.#steps.abandon();
      await this.stopped;
    }
    const state = this.#state;
    switch (state.kind) {
      case "created":
      case "starting":
      case "running":
      case "paused":
        throw this.wrongState("delete");
      case "deleted":
        throw new ShimError("NotFound", `cannot delete ${this.#steps.name}: it is deleted`);
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

  /** The error of a call that this state does not allow. */
  wrongState(verb: string): ShimError {
    return new ShimError(
      "FailedPrecondition",
      `cannot ${verb} ${this.#steps.name}: it is ${this.#state.kind}`,
    );
  }

  async #delete(exit: ExitStatus): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // for a second caller only; this one throws below
    this.#state = { kind: "deleting", exit, done: promise };
    try {
      await this.#steps.delete(exit);
    } catch (error) {
      this.#state = { kind: "stopped", exit };
      reject(error);
      throw error;
    }
    this.#state = { kind: "deleted", exit };
    resolve();
  }
}
