// SPDX-License-Identifier: Apache-2.0
import type { Kernel, PollFd } from "@runwasi/wasi/system";
import { pollFd, type PollSource } from "./pollable.ts";

/** How often descriptors are looked at while the event loop must run as well: it has no way to watch them. */
const LOOK_INTERVAL_MS = 1;
/** The longest that setTimeout takes. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const NS_PER_MS = 1_000_000n;

/**
 * Waits for what guests poll.
 *
 * Descriptors and times alone are waited for by ppoll(2), which blocks the thread: exact, and without a detour. As
 * soon as this process's event loop has work of its own (a request in flight, other guests), that is not stopped.
 */
export class Waiter {
  readonly #kernel: () => Kernel;
  #eventLoopUsers = 0;

  constructor(kernel: () => Kernel) {
    this.#kernel = kernel;
  }

  /** Until disposed, waiting leaves the event loop running. */
  useEventLoop(): Disposable {
    this.#eventLoopUsers += 1;
    let isUsed = true;
    return {
      [Symbol.dispose]: () => {
        if (isUsed) this.#eventLoopUsers -= 1;
        isUsed = false;
      },
    };
  }

  /** The indices of the sources that are ready, once one is. */
  wait(sources: readonly PollSource[]): number[] | Promise<number[]> {
    const ready = this.ready(sources);
    if (ready.length > 0) return ready;
    const needsEvents = sources.some(({ wakeup }) => wakeup.kind === "event");
    if (needsEvents || this.#eventLoopUsers > 0) return this.#waitForEvents(sources);
    for (;;) {
      this.#block(sources);
      const found = this.ready(sources);
      if (found.length > 0) return found;
    }
  }

  /** The indices of the sources that are ready now. */
  ready(sources: readonly PollSource[]): number[] {
    const fds = sources.map(pollFd);
    const asked = fds.filter((fd) => fd !== undefined);
    if (asked.length > 0) this.#kernel().poll(asked, 0n);
    const nowNs = process.hrtime.bigint();
    return sources.flatMap((source, index) => (isReady(source, fds[index], nowNs) ? index : []));
  }

  #block(sources: readonly PollSource[]): void {
    const fds = sources.map(pollFd).filter((fd) => fd !== undefined);
    const atNs = earliest(sources);
    const leftNs = atNs === undefined ? undefined : atNs - process.hrtime.bigint();
    if (leftNs === undefined || leftNs > 0n) this.#kernel().poll(fds, leftNs);
  }

  async #waitForEvents(sources: readonly PollSource[]): Promise<number[]> {
    for (;;) {
      await nextWakeup(sources);
      const ready = this.ready(sources);
      if (ready.length > 0) return ready;
    }
  }
}

function isReady(source: PollSource, fd: PollFd | undefined, nowNs: bigint): boolean {
  const { wakeup } = source;
  switch (wakeup.kind) {
    case "now":
      return true;
    case "fd":
      return fd !== undefined && fd.revents !== 0;
    case "time":
      return nowNs >= wakeup.atNs;
    case "event":
      return source.isReady?.() ?? true;
    default:
      return wakeup satisfies never;
  }
}

function earliest(sources: readonly PollSource[]): bigint | undefined {
  let atNs: bigint | undefined;
  for (const { wakeup } of sources) {
    if (wakeup.kind === "time" && (atNs === undefined || wakeup.atNs < atNs)) atNs = wakeup.atNs;
  }
  return atNs;
}

function nextWakeup(sources: readonly PollSource[]): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const wake = (): void => {
      for (const stop of stops.splice(0)) stop();
      resolve();
    };
    for (const { wakeup } of sources) if (wakeup.kind === "event") stops.push(wakeup.listen(wake));
    const delayMs = timeoutMs(sources);
    if (delayMs === undefined) return;
    const timer = setTimeout(wake, delayMs);
    stops.push(() => clearTimeout(timer));
  });
}

function timeoutMs(sources: readonly PollSource[]): number | undefined {
  if (sources.some(({ wakeup }) => wakeup.kind === "fd")) return LOOK_INTERVAL_MS;
  const atNs = earliest(sources);
  if (atNs === undefined) return undefined;
  const leftNs = atNs - process.hrtime.bigint();
  return Number(
    (leftNs < 0n ? 0n : leftNs) / NS_PER_MS < MAX_TIMEOUT_MS
      ? (leftNs + NS_PER_MS - 1n) / NS_PER_MS
      : MAX_TIMEOUT_MS,
  );
}
