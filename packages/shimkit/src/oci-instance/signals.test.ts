// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { expect, test } from "bun:test";
import type { ClaimedChild, ExitStatus } from "../daemon/reaper.ts";
import { rejection } from "../testing/rejection.ts";
import { deliverSignals } from "./signals.ts";
import type { SignalDelivery } from "./workload.ts";

const { SIGTERM, SIGINT, SIGKILL, SIGWINCH, SIGSTOP, SIGUSR1 } = constants.signals;
const TERMINATE: SignalDelivery = { kind: "terminate", map: new Map() };

const UNSHARE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"];
/** Where the host allows nobody a user namespace the cases below are e2e's alone. */
const asPid1 = test.skipIf(Bun.spawnSync([...UNSHARE, "true"]).exitCode !== 0);

/** A real process; signals to it are noted and not sent. */
interface Init extends AsyncDisposable {
  readonly child: ClaimedChild;
  readonly sent: readonly number[];
  end(status: number): void;
}

/**
 * Runs a program, as PID 1 of a PID namespace of its own when that is `namespaced` (unprivileged, by a user namespace),
 * and waits for its first output.
 */
async function startInit(argv: readonly string[], namespaced: boolean): Promise<Init> {
  const process = Bun.spawn([...(namespaced ? UNSHARE : []), ...argv], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  if (value === undefined) throw new Error(`cannot run ${argv.join(" ")}`);
  const below = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim();
  const pid = namespaced ? Number(below.split(" ")[0]) : process.pid;
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  const sent: number[] = [];
  let ended = false;
  return {
    child: { pid, exited: promise, signal: (signal) => !ended && sent.push(signal) > 0 },
    sent,
    end(status) {
      ended = true;
      resolve({ pid, status, exitedAtMs: 0 });
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.exited;
    },
  };
}

const DEAF = ["sh", "-c", "echo ready; read x < /dev/zero; while :; do sleep 1; done"];
const CATCHES_TERM = ["sh", "-c", "trap : TERM; echo ready; while :; do sleep 1; done"];
const IGNORES_TERM = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"];
const BLOCKS_TERM = ["env", "--block-signal=TERM", "yes"]; // no shell, which may clear the mask

asPid1.each([
  ["a program as PID 1 that does nothing about TERM is killed", DEAF, true, [SIGKILL]],
  ["one that catches TERM gets it", CATCHES_TERM, true, [SIGTERM]],
  ["one that ignores TERM gets it", IGNORES_TERM, true, [SIGTERM]],
  ["one that blocks TERM is killed: no engine waits for it", BLOCKS_TERM, true, [SIGKILL]],
  ["a program that is not PID 1 gets TERM, whose default ends it", DEAF, false, [SIGTERM]],
])("%s", async (_title, argv, namespaced, expected) => {
  await using init = await startInit(argv, namespaced);
  deliverSignals(init.child, TERMINATE).signal(SIGTERM);
  expect(init.sent).toEqual(expected);
});

asPid1(
  "only what terminates becomes a kill, and what is no signal is sent for the kernel to refuse",
  async () => {
    await using init = await startInit(DEAF, true);
    const delivered = deliverSignals(init.child, TERMINATE);
    for (const harmless of [0, SIGWINCH, SIGSTOP, 65, 999, 4_294_967_295]) delivered.signal(harmless);
    expect(init.sent).toEqual([0, SIGWINCH, SIGSTOP, 65, 999, 4_294_967_295]);
    delivered.signal(SIGUSR1);
    delivered.signal(64);
    expect(init.sent.slice(6)).toEqual([SIGKILL, SIGKILL]);
  },
);

asPid1("the exit status is that of the signal asked for first", async () => {
  await using init = await startInit(DEAF, true);
  const delivered = deliverSignals(init.child, TERMINATE);
  delivered.signal(SIGTERM);
  delivered.signal(SIGINT);
  init.end(128 + SIGKILL);
  expect((await delivered.exited).status).toBe(128 + SIGTERM);
});

asPid1("an exit of its own, or a kill that was asked for, keeps its status", async () => {
  for (const [asked, status] of [
    [SIGTERM, 3],
    [SIGKILL, 137],
  ] as const) {
    await using init = await startInit(DEAF, true);
    const delivered = deliverSignals(init.child, TERMINATE);
    delivered.signal(asked);
    init.end(status);
    expect((await delivered.exited).status).toBe(status);
  }
});

test("the map of the engine replaces a signal before anything is decided", async () => {
  await using init = await startInit(CATCHES_TERM, false);
  deliverSignals(init.child, { kind: "terminate", map: new Map([[SIGTERM, SIGINT]]) }).signal(SIGTERM);
  expect(init.sent).toEqual([SIGINT]);
});

asPid1("a native init gets every signal as sent, also as a deaf PID 1", async () => {
  await using init = await startInit(DEAF, true);
  const delivered = deliverSignals(init.child, { kind: "as-sent" });
  delivered.signal(SIGTERM);
  expect(init.sent).toEqual([SIGTERM]);
  init.end(137);
  expect((await delivered.exited).status).toBe(137);
});

test("a signal to an init that has ended answers NotFound", async () => {
  await using init = await startInit(DEAF, false);
  init.end(0);
  for (const delivery of [TERMINATE, { kind: "as-sent" } as const]) {
    expect((await rejection(() => deliverSignals(init.child, delivery).signal(SIGTERM))).code).toBe(
      "NotFound",
    );
  }
});
