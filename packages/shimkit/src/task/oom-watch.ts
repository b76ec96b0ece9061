// SPDX-License-Identifier: Apache-2.0

/**
 * How often the kernel's counters are looked at. Linux tells of a kill by an eventfd (cgroup v1) or by inotify (v2), and Bun
 * waits for neither without a thread. A look takes 0.3 ms, of a hundred daemons 3 % of a processor at this period; so it is
 * only for containers with a limit.
 */
const PERIOD_MS = 1_000;

/** Looks time and again whether the kernel has ended a process of a container for want of memory. One for all of a daemon. */
export interface OomWatch {
  /** @param look must not throw; called until the result is disposed */
  add(look: () => void): Disposable;
}

/** Costs nothing while there is nothing to look at. */
export function createOomWatch(periodMs: number = PERIOD_MS): OomWatch {
  const looks = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    add(look) {
      looks.add(look);
      timer ??= setInterval(() => looks.forEach((each) => each()), periodMs).unref();
      return {
        [Symbol.dispose]() {
          looks.delete(look);
          if (looks.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}
