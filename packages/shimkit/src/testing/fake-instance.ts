// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type { Instance } from "../instance.ts";

/** An instance whose calls a test answers and whose exit it decides. */
export class FakeInstance implements Instance {
  readonly pid = 4242;
  readonly exited: Promise<ExitStatus>;
  /** The calls so far, in order. */
  readonly calls: string[] = [];
  /** What each call waits for and may fail with. */
  onStart: () => Promise<void> = async () => {};
  onKill: (signal: number) => Promise<void> = async () => {};
  onDelete: () => Promise<void> = async () => {};
  oomKilled = 0n;
  limitsMemory = false;
  /** Set by a test of what needs them. */
  exec?: NonNullable<Instance["exec"]>;
  pause?: NonNullable<Instance["pause"]>;
  resume?: NonNullable<Instance["resume"]>;
  update?: NonNullable<Instance["update"]>;
  readonly #exit = Promise.withResolvers<ExitStatus>();
  #ended = false;

  constructor() {
    this.exited = this.#exit.promise;
  }

  end(status: number): ExitStatus {
    const exit = { pid: this.pid, status, exitedAtMs: 1_764_000_000_000 };
    this.#ended = true;
    this.#exit.resolve(exit);
    return exit;
  }

  start(): Promise<void> {
    this.calls.push("start");
    return this.onStart();
  }

  async kill(signal: number, all: boolean): Promise<void> {
    this.calls.push(`kill ${signal}${all ? " all" : ""}`);
    if (this.#ended) throw new ShimError("NotFound", "it has ended");
    await this.onKill(signal);
  }

  oomKills(): bigint {
    return this.oomKilled;
  }

  delete(): Promise<void> {
    this.calls.push("delete");
    return this.onDelete();
  }
}
