// SPDX-License-Identifier: Apache-2.0
import type { Spawn } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import { peekExitedChild, reapChild } from "../linux/process-syscalls.ts";

/** How a container's process ended. */
export interface ExitStatus {
  readonly pid: number;
  /** 0..255; 128+signal when a signal ended it. */
  readonly status: number;
  readonly exitedAtMs: number;
}

/** A child of this process that somebody waits for. */
export interface ClaimedChild {
  readonly pid: number;
  /** Resolves once the child has ended and is reaped; never rejects. */
  readonly exited: Promise<ExitStatus>;
  /**
   * Sends a signal; false when the child has ended.
   *
   * By pid and yet never to another process: only this thread reaps, and from then on nothing is sent.
   */
  signal(signal: number): boolean;
}

/** A time in which exits of pids not yet known are kept, so that a child may end before its pid is learnt. */
interface ExitWatch extends Disposable {
  /** Takes over a child (also an inherited one) of this process, which may have ended. Once per pid. */
  claim(pid: number): ClaimedChild;
}

/**
 * Reaps every process that this daemon inherits as subreaper.
 *
 * Order relied on: `watch()` before the OCI runtime is started, `claim(pid)` when it has told the init's pid,
 * dispose afterwards. An exit between the first and the second is kept for the claim; an exit that no watch
 * was open for and nobody claimed is an orphan of a container, reaped and forgotten.
 */
export interface Reaper extends Disposable {
  watch(): ExitWatch;
  /** Bun.spawn for children that Bun itself waits for; the reaper must leave those alone. */
  readonly spawn: Spawn;
}

function sendSignal(pid: number, signal: number): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (hasErrno(error, "ESRCH")) return false;
    const code = hasErrno(error, "EPERM") ? "PermissionDenied" : "InvalidArgument";
    throw new ShimError(code, `cannot send signal ${signal} to process ${pid}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Starts reaping on SIGCHLD: one per process; the caller disposes it. */
export function createReaper(): Reaper {
  return new ChildReaper();
}

class ChildReaper implements Reaper {
  readonly #claims = new Map<number, (exit: ExitStatus) => void>();
  /**
   * The exits that nobody had claimed yet, per open watch: one map for all would keep them as long as watches overlap,
   * which under load is long enough for a pid to come again.
   */
  readonly #unclaimed = new Set<Map<number, ExitStatus>>();
  readonly #ownedByBun = new Set<number>();

  constructor() {
    process.on("SIGCHLD", this.#reapAll);
  }

  watch(): ExitWatch {
    const exits = new Map<number, ExitStatus>();
    this.#unclaimed.add(exits);
    return {
      claim: (pid) => this.#claim(pid, exits),
      [Symbol.dispose]: () => void this.#unclaimed.delete(exits),
    };
  }

  readonly spawn: Spawn = (argv, options) => {
    const child = Bun.spawn(argv, options);
    this.#ownedByBun.add(child.pid);
    void child.exited.finally(() => {
      this.#ownedByBun.delete(child.pid);
      this.#reapAll();
    });
    return child;
  };

  [Symbol.dispose](): void {
    process.off("SIGCHLD", this.#reapAll);
  }

  #claim(pid: number, exits: ReadonlyMap<number, ExitStatus>): ClaimedChild {
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    const exit = exits.get(pid);
    if (exit) resolve(exit);
    else this.#claims.set(pid, resolve);
    this.#reapAll(); // it may have ended while Bun's children hid it
    return { pid, exited: promise, signal: (signal) => this.#claims.has(pid) && sendSignal(pid, signal) };
  }

  readonly #reapAll = (): void => {
    for (let pid = peekExitedChild(); pid !== undefined; pid = peekExitedChild()) {
      if (this.#ownedByBun.has(pid)) {
        // The kernel shows only the first that ended. Bun reaps this one in its own time, and its `exited`
        // calls here again; those that containers wait for are asked for by pid meanwhile.
        for (const claimed of this.#claims.keys()) this.#reap(claimed);
        return;
      }
      this.#reap(pid);
    }
  };

  #reap(pid: number): void {
    const child = reapChild(pid);
    if (child === undefined) return;
    const exit = { ...child, exitedAtMs: Date.now() };
    const resolve = this.#claims.get(pid);
    this.#claims.delete(pid);
    if (resolve) resolve(exit);
    else for (const exits of this.#unclaimed) exits.set(pid, exit);
  }
}
