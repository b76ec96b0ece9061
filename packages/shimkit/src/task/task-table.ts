// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";
import type { ContainerProcess } from "./container-process.ts";
import type { Task } from "./task.ts";

/** How long an announced task keeps the daemon for its Create; containerd gives up on a shim long before. */
const EXPECTED_FOR_MS = 60_000;

/** The tasks of one daemon by id, those being created or only announced included. */
export class TaskTable {
  /** A promise while the task is being created; it resolves when that has ended, either way. */
  readonly #tasks = new Map<string, Task | Promise<void>>();
  /** Ids whose `start` command was given this daemon's address, with the time until which Create may come. */
  readonly #expected = new Map<string, number>();

  /**
   * Creates a task under an id that nobody else can take meanwhile.
   *
   * @throws ShimError AlreadyExists, or what `create` throws; the id is free again then.
   */
  async add(id: string, create: () => Promise<Task>): Promise<Task> {
    if (this.#tasks.has(id)) throw new ShimError("AlreadyExists", `cannot create task "${id}": it exists`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tasks.set(id, promise);
    this.#expected.delete(id);
    try {
      const task = await create();
      this.#tasks.set(id, task);
      return task;
    } catch (error) {
      this.#tasks.delete(id);
      throw error;
    } finally {
      resolve();
    }
  }

  /**
   * Waits until nothing is being created under this id: containerd deletes what a caller gave up on while Create still
   * runs, and asks no second time.
   */
  async settled(id: string): Promise<void> {
    const task = this.#tasks.get(id);
    if (task instanceof Promise) await task;
  }

  find(id: string): Task | undefined {
    const task = this.#tasks.get(id);
    return task instanceof Promise ? undefined : task;
  }

  /** @throws ShimError NotFound. */
  get(id: string): Task {
    const task = this.find(id);
    if (task === undefined) throw new ShimError("NotFound", `there is no task "${id}"`);
    return task;
  }

  /** The task's init, or one of its execs. @throws ShimError NotFound. */
  process(id: string, execId: string): ContainerProcess {
    const task = this.get(id);
    if (execId === "") return task;
    const exec = task.execs.get(execId);
    if (exec === undefined) throw new ShimError("NotFound", `there is no exec "${execId}" in task "${id}"`);
    return exec;
  }

  /** The task that has been there for the longest time; undefined without any. */
  get oldest(): Task | undefined {
    for (const task of this.#tasks.values()) if (!(task instanceof Promise)) return task;
    return undefined;
  }

  remove(task: Task): void {
    if (this.#tasks.get(task.id) === task) this.#tasks.delete(task.id);
  }

  /** Announces a task: until its Create, `forget` or a minute has passed, the daemon is needed. */
  expect(id: string): void {
    this.#expected.set(id, performance.now() + EXPECTED_FOR_MS);
  }

  forget(id: string): void {
    this.#expected.delete(id);
  }

  /** Whether no task is left, being created or about to come. */
  get isIdle(): boolean {
    const now = performance.now();
    return this.#tasks.size === 0 && [...this.#expected.values()].every((until) => until < now);
  }
}
