// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { PollFd } from "@runwasi/wasi/system";
import type { Waiter } from "./waiter.ts";

/** How it can be waited for that something may have become ready. */
type Wakeup =
  /** It is ready, now and always. */
  | { readonly kind: "now" }
  /** poll(2) tells. */
  | { readonly kind: "fd"; readonly hostFd: number; readonly events: number }
  /** A time on the monotonic clock. */
  | { readonly kind: "time"; readonly atNs: bigint }
  /** This process's event loop brings it; the returned function ends listening. */
  | { readonly kind: "event"; readonly listen: (notify: () => void) => () => void };

/** What a guest waits for: a wake-up, after which `isReady` is asked. */
export interface PollSource {
  readonly wakeup: Wakeup;
  /** Not asked for `now`, `fd` and `time`, which tell by themselves. */
  isReady?(): boolean;
}

/** `wasi:io/poll.pollable`. */
export class Pollable {
  readonly source: PollSource;

  constructor(source: PollSource) {
    this.source = source;
  }
}

/** `wasi:io/poll.poll`: the indices of those that are ready, at least one. */
export function poll(waiter: Waiter, pollables: readonly unknown[]): number[] | Promise<number[]> {
  const sources = pollables.map((pollable) => {
    if (!(pollable instanceof Pollable)) throw trap("what is polled is no pollable");
    return pollable.source;
  });
  if (sources.length === 0) throw trap("poll was called with an empty list");
  return waiter.wait(sources);
}

export const NOW: PollSource = { wakeup: { kind: "now" } };

/** The entry of poll(2) for a source on a descriptor. */
export function pollFd({ wakeup }: PollSource): PollFd | undefined {
  if (wakeup.kind !== "fd") return undefined;
  return { hostFd: wakeup.hostFd, events: wakeup.events, revents: 0 };
}
