// SPDX-License-Identifier: Apache-2.0
import type { Spawn } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import { hasErrno } from "../linux/errno.ts";
import { peekExitedChild, reapChild, type ReapedChild } from "../linux/process-syscalls.ts";

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
export interface ExitWatch extends Disposable {
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

/** Starts reaping: one per process, on SIGCHLD. */
export function createReaper(): Reaper {
  const claims = new Map<number, (exit: ExitStatus) => void>();
  const unclaimed = new Map<number, ExitStatus>();
  const ownedByBun = new Set<number>();
  let openWatches = 0;

  function settle(child: ReapedChild): void {
    const exit = { ...child, exitedAtMs: performance.timeOrigin + performance.now() };
    const resolve = claims.get(child.pid);
    claims.delete(child.pid);
    if (resolve) resolve(exit);
    else if (openWatches > 0) unclaimed.set(child.pid, exit);
  }

  function reapAll(): void {
    for (let pid = peekExitedChild(); pid !== undefined; pid = peekExitedChild()) {
      if (ownedByBun.has(pid)) {
        // The kernel shows only the first that ended. Bun reaps this one in its own time, and its `exited`
        // calls here again; those that containers wait for are asked for by pid meanwhile.
        for (const claimed of claims.keys()) {
          const child = reapChild(claimed);
          if (child) settle(child);
        }
        return;
      }
      const child = reapChild(pid);
      if (child) settle(child);
    }
  }

  process.on("SIGCHLD", reapAll);
  return {
    watch() {
      openWatches += 1;
      let open = true;
      return {
        claim(pid) {
          const { promise, resolve } = Promise.withResolvers<ExitStatus>();
          const exit = unclaimed.get(pid);
          unclaimed.delete(pid);
          if (exit) resolve(exit);
          else claims.set(pid, resolve);
          reapAll(); // it may have ended while Bun's children hid it
          return { pid, exited: promise, signal: (signal) => claims.has(pid) && sendSignal(pid, signal) };
        },
        [Symbol.dispose]() {
          if (!open) return;
          open = false;
          openWatches -= 1;
          if (openWatches === 0) unclaimed.clear();
        },
      };
    },
    spawn(argv, options) {
      const child = Bun.spawn(argv, options);
      ownedByBun.add(child.pid);
      void child.exited.finally(() => {
        ownedByBun.delete(child.pid);
        reapAll();
      });
      return child;
    },
    [Symbol.dispose]() {
      process.off("SIGCHLD", reapAll);
    },
  };
}
