// SPDX-License-Identifier: Apache-2.0
import { CLOCK, readClock } from "./clocks.ts";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno, WasiErrno } from "./errno.ts";
import { POLLIN, POLLOUT } from "./host-io.ts";
import type { PollFd } from "./kernel.ts";

/** The most subscriptions of one call; far above any guest's descriptors, it bounds what the host allocates. */
const MAX_SUBSCRIPTIONS = 16_384;
// witx: $event
const EVENT_BYTES = 32;
const EVENT_CLOCK = 0;
const EVENT_FD_READ = 1;
const EVENT_FD_WRITE = 2;
const CLOCK_ABSTIME = 1;
const HANGUP = 1;
// poll(2)
const POLLERR = 0x8;
const POLLHUP = 0x10;
const NANOSECONDS_PER_MS = 1_000_000n;
/** A wait no longer than a year: what the kernel's timespec and Atomics.wait are sure to take. */
const MAX_WAIT_NS = 31_536_000_000_000_000n;

interface ClockSubscription {
  readonly kind: "clock";
  readonly userdata: bigint;
  readonly clock: number;
  /** On `clock`. */
  readonly deadlineNs: bigint;
}

interface FdSubscription {
  readonly kind: "fd";
  readonly userdata: bigint;
  readonly type: number;
  readonly poll: PollFd;
}

/** A subscription that is answered at once, because it names no descriptor that could be waited for. */
interface FailedSubscription {
  readonly kind: "failed";
  readonly userdata: bigint;
  readonly type: number;
  readonly errno: Errno;
}

type Subscription = ClockSubscription | FdSubscription | FailedSubscription;

/** How subscriptions lie in guest memory: the two versions of preview 1 differ. */
export interface SubscriptionLayout {
  readonly sizeBytes: number;
  /** Where a clock's id is; its timeout, precision and flags follow 8, 16 and 24 bytes on. */
  readonly clockAt: number;
}

/** `$subscription` of preview 1. */
const SUBSCRIPTION: SubscriptionLayout = { sizeBytes: 48, clockAt: 16 };

/** `poll_oneoff` for either layout. */
export function pollOneoff(layout: SubscriptionLayout): WasiFunctions[string] {
  return (context: WasiContext, input: number, output: number, count: number, result: number): Errno => {
    const { memory } = context;
    const total = count >>> 0;
    if (total === 0 || total > MAX_SUBSCRIPTIONS) return ERRNO.INVAL;
    const start = memory.range(input, total * layout.sizeBytes);
    memory.range(output, total * EVENT_BYTES);
    memory.range(result, 4);
    const subscriptions: Subscription[] = [];
    for (let index = 0; index < total; index += 1) {
      subscriptions.push(readSubscription(context, start + index * layout.sizeBytes, layout.clockAt));
    }
    let events = wait(context, subscriptions);
    while (events.length === 0) events = wait(context, subscriptions);
    for (const [index, event] of events.entries()) memory.set(output + index * EVENT_BYTES, event);
    memory.setU32(result, events.length);
    return ERRNO.SUCCESS;
  };
}

function readSubscription(context: WasiContext, at: number, clockAt: number): Subscription {
  const { memory } = context;
  const userdata = memory.u64(at);
  const type = memory.u8(at + 8);
  if (type === EVENT_CLOCK) return clockSubscription(context, userdata, at + clockAt);
  if (type !== EVENT_FD_READ && type !== EVENT_FD_WRITE) throw new WasiErrno(ERRNO.INVAL);
  return fdSubscription(context, userdata, type, memory.u32(at + 16));
}

function clockSubscription(context: WasiContext, userdata: bigint, at: number): Subscription {
  const { memory } = context;
  const clock = memory.u32(at);
  const timeoutNs = memory.u64(at + 8);
  const isAbsolute = (memory.u16(at + 24) & CLOCK_ABSTIME) !== 0;
  if (clock !== CLOCK.REALTIME && clock !== CLOCK.MONOTONIC) throw new WasiErrno(ERRNO.INVAL);
  // A relative time is one on no clock that can be set (clock_nanosleep(2)).
  if (isAbsolute) return { kind: "clock", userdata, clock, deadlineNs: timeoutNs };
  const deadlineNs = readClock(context, CLOCK.MONOTONIC) + timeoutNs;
  return { kind: "clock", userdata, clock: CLOCK.MONOTONIC, deadlineNs };
}

function fdSubscription(context: WasiContext, userdata: bigint, type: number, fd: number): Subscription {
  const descriptor = context.fds.find(fd);
  const access = type === EVENT_FD_READ ? "read" : "write";
  if (descriptor === undefined || descriptor.kind === "directory") {
    return { kind: "failed", userdata, type, errno: ERRNO.BADF };
  }
  if (descriptor.kind === "stdio" && descriptor.access !== access) {
    return { kind: "failed", userdata, type, errno: ERRNO.BADF };
  }
  const events = access === "read" ? POLLIN : POLLOUT;
  return { kind: "fd", userdata, type, poll: { hostFd: descriptor.hostFd, events, revents: 0 } };
}

// One wait; no events when it ended early (a signal, a clock that was set back).
function wait(context: WasiContext, subscriptions: readonly Subscription[]): Uint8Array[] {
  const fds = subscriptions.flatMap((subscription) =>
    subscription.kind === "fd" ? [subscription.poll] : [],
  );
  const timeoutNs = shortestWait(context, subscriptions);
  if (fds.length > 0) context.kernel().poll(fds, timeoutNs);
  else if (timeoutNs !== undefined && timeoutNs > 0n) sleep(timeoutNs);
  return subscriptions.flatMap((subscription) => eventOf(context, subscription) ?? []);
}

function shortestWait(context: WasiContext, subscriptions: readonly Subscription[]): bigint | undefined {
  let shortest: bigint | undefined;
  for (const subscription of subscriptions) {
    if (subscription.kind === "fd") continue;
    const left =
      subscription.kind === "failed" ? 0n : subscription.deadlineNs - readClock(context, subscription.clock);
    if (shortest === undefined || left < shortest) shortest = left;
  }
  if (shortest === undefined || shortest > MAX_WAIT_NS)
    return shortest === undefined ? undefined : MAX_WAIT_NS;
  return shortest < 0n ? 0n : shortest;
}

// Without the kernel's poll, which would have to be loaded only to sleep.
function sleep(timeoutNs: bigint): void {
  const timeoutMs = Number(timeoutNs) / Number(NANOSECONDS_PER_MS);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeoutMs);
}

function eventOf(context: WasiContext, subscription: Subscription): Uint8Array | undefined {
  const { userdata } = subscription;
  switch (subscription.kind) {
    case "failed":
      return encodeEvent({ userdata, type: subscription.type, errno: subscription.errno });
    case "clock": {
      if (readClock(context, subscription.clock) < subscription.deadlineNs) return undefined;
      return encodeEvent({ userdata, type: EVENT_CLOCK, errno: ERRNO.SUCCESS });
    }
    case "fd": {
      const { type, poll } = subscription;
      if (poll.revents === 0) return undefined;
      const isRead = type === EVENT_FD_READ;
      const readableBytes = isRead ? BigInt(context.kernel().readableBytes(poll.hostFd)) : 1n;
      const isHangup = (poll.revents & (POLLHUP | POLLERR)) !== 0;
      return encodeEvent({ userdata, type, errno: ERRNO.SUCCESS, readableBytes, isHangup });
    }
    default:
      return subscription satisfies never;
  }
}

interface Event {
  readonly userdata: bigint;
  readonly type: number;
  readonly errno: Errno;
  readonly readableBytes?: bigint;
  readonly isHangup?: boolean;
}

function encodeEvent(event: Event): Uint8Array {
  const record = new DataView(new ArrayBuffer(EVENT_BYTES));
  record.setBigUint64(0, event.userdata, true);
  record.setUint16(8, event.errno, true);
  record.setUint8(10, event.type);
  record.setBigUint64(16, event.readableBytes ?? 0n, true);
  record.setUint16(24, event.isHangup === true ? HANGUP : 0, true);
  return new Uint8Array(record.buffer);
}

/** Waiting for time and for descriptors, with the kernel's own poll where there is a descriptor. */
export const pollFunctions: WasiFunctions = { poll_oneoff: pollOneoff(SUBSCRIPTION) };
