// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import { expect, test } from "bun:test";
import type { ClaimedChild, ExitStatus } from "../daemon/reaper.ts";
import { rejection } from "../testing/rejection.ts";
import { deliverSignals } from "./signals.ts";
import type { SignalDelivery } from "./workload.ts";

const { SIGTERM, SIGINT, SIGKILL, SIGWINCH, SIGSTOP, SIGUSR1 } = constants.signals;
const TERMINATE: SignalDelivery = { kind: "terminate", map: new Map() };

/** An init whose signals are noted and not sent. */
function fakeInit() {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  const sent: number[] = [];
  let ended = false;
  const child: ClaimedChild = {
    pid: process.pid,
    exited: promise,
    signal: (signal) => !ended && sent.push(signal) > 0,
  };
  return {
    child,
    sent,
    end(status: number) {
      ended = true;
      resolve({ pid: child.pid, status, exitedAtMs: 0 });
    },
  };
}

/** /proc/PID/status of a process with these masks; proc_pid_status(5). */
function statusWith(pidInside: number, masks: { blk?: number; ign?: number; cgt?: number } = {}) {
  const mask = (signal: number | undefined) =>
    (signal === undefined ? 0n : 1n << BigInt(signal - 1)).toString(16).padStart(16, "0");
  return () =>
    [
      "Name:\tengine",
      "Pid:\t4242",
      `NSpid:\t4242\t${pidInside}`,
      `SigBlk:\t${mask(masks.blk)}`,
      `SigIgn:\t${mask(masks.ign)}`,
      `SigCgt:\t${mask(masks.cgt)}`,
      "",
    ].join("\n");
}

const DEAF = statusWith(1);

test.each([
  ["a program as PID 1 that does nothing about TERM is killed", DEAF, [SIGKILL]],
  ["one that catches TERM gets it", statusWith(1, { cgt: SIGTERM }), [SIGTERM]],
  ["one that ignores TERM gets it", statusWith(1, { ign: SIGTERM }), [SIGTERM]],
  ["one that catches another signal is killed", statusWith(1, { cgt: SIGINT }), [SIGKILL]],
  ["one that blocks TERM is killed: no engine waits for it", statusWith(1, { blk: SIGTERM }), [SIGKILL]],
  ["a program that is not PID 1 gets TERM, whose default ends it", statusWith(11), [SIGTERM]],
  ["one that has just ended gets TERM, which finds nobody", () => undefined, [SIGTERM]],
])("%s", (_title, statusOf, expected) => {
  const init = fakeInit();
  deliverSignals(init.child, TERMINATE, statusOf).signal(SIGTERM);
  expect(init.sent).toEqual(expected);
});

test("the status is read from /proc: this process is no PID 1 with default signals", () => {
  const init = fakeInit();
  deliverSignals(init.child, TERMINATE).signal(SIGTERM);
  expect(init.sent).toEqual([SIGTERM]);
});

test("only what terminates becomes a kill, and what is no signal is sent for the kernel to refuse", () => {
  const init = fakeInit();
  const delivered = deliverSignals(init.child, TERMINATE, DEAF);
  for (const harmless of [0, SIGWINCH, SIGSTOP, 65, 999, 4_294_967_295]) delivered.signal(harmless);
  expect(init.sent).toEqual([0, SIGWINCH, SIGSTOP, 65, 999, 4_294_967_295]);
  delivered.signal(SIGUSR1);
  delivered.signal(64);
  expect(init.sent.slice(6)).toEqual([SIGKILL, SIGKILL]);
});

test("the exit status is that of the signal asked for first", async () => {
  const init = fakeInit();
  const delivered = deliverSignals(init.child, TERMINATE, DEAF);
  delivered.signal(SIGTERM);
  delivered.signal(SIGINT);
  init.end(128 + SIGKILL);
  expect((await delivered.exited).status).toBe(128 + SIGTERM);
});

test.each([
  [SIGTERM, 3],
  [SIGKILL, 137],
])(
  "after signal %i an exit of its own, or a kill that was asked for, keeps status %i",
  async (asked, status) => {
    const init = fakeInit();
    const delivered = deliverSignals(init.child, TERMINATE, DEAF);
    delivered.signal(asked);
    init.end(status);
    expect((await delivered.exited).status).toBe(status);
  },
);

test("the map of the engine replaces a signal before anything is decided", () => {
  const init = fakeInit();
  const delivery: SignalDelivery = { kind: "terminate", map: new Map([[SIGTERM, SIGINT]]) };
  deliverSignals(init.child, delivery, statusWith(1, { cgt: SIGINT })).signal(SIGTERM);
  expect(init.sent).toEqual([SIGINT]);
});

test("a native init gets every signal as sent, also as a deaf PID 1", async () => {
  const init = fakeInit();
  const delivered = deliverSignals(init.child, { kind: "as-sent" }, DEAF);
  delivered.signal(SIGTERM);
  expect(init.sent).toEqual([SIGTERM]);
  init.end(137);
  expect((await delivered.exited).status).toBe(137);
});

test("a signal to an init that has ended answers NotFound", async () => {
  const init = fakeInit();
  init.end(0);
  for (const delivery of [TERMINATE, { kind: "as-sent" } as const]) {
    const error = await rejection(() => deliverSignals(init.child, delivery).signal(SIGTERM));
    expect(error.code).toBe("NotFound");
  }
});
