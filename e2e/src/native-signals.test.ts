// SPDX-License-Identifier: Apache-2.0
// Native containers get signals exactly as under io.containerd.runc.v2.
import { expect, test } from "bun:test";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { staticImage } from "./harness/native-images.ts";
import { NATIVE_RUNTIMES, type Runtime } from "./harness/runtimes.ts";

const image = imageName("static");

interface Scenario {
  readonly title: string;
  readonly probe: readonly string[];
  /** Flags of `ctr task kill`, and what the program prints before the next one is sent. */
  readonly kills: readonly { readonly flags: readonly string[]; readonly printed?: string }[];
  readonly status: number;
}

const USR1 = { flags: ["--signal", "SIGUSR1"] };
const TERM = { flags: [] };
const KILL = { flags: ["--signal", "SIGKILL"] };

const SCENARIOS: readonly Scenario[] = [
  {
    title: "a handler runs for each signal and decides the exit code",
    probe: ["handler"],
    kills: [{ ...USR1, printed: "handled 10" }, TERM],
    status: 3,
  },
  {
    title: "an init that waits with sigtimedwait, everything blocked, gets signals as sent",
    probe: ["sigtimedwait"],
    kills: [{ ...USR1, printed: "got 10" }, TERM],
    status: 4,
  },
  {
    title: "an init that waits with signalfd, everything blocked, gets signals as sent",
    probe: ["signalfd"],
    kills: [{ ...USR1, printed: "got 10" }, TERM],
    status: 4,
  },
  {
    title: "an init like tini passes TERM on to a child without a handler",
    probe: ["init", "/probe", "deaf"],
    kills: [TERM],
    status: 143,
  },
  {
    title: "an init like tini passes TERM on to a child with a handler",
    probe: ["init", "/probe", "handler"],
    kills: [{ ...USR1, printed: "handled 10" }, TERM],
    status: 3,
  },
  {
    title: "PID 1 without a handler ignores TERM and ends on KILL",
    probe: ["deaf"],
    kills: [TERM, KILL],
    status: 137,
  },
  {
    title: "kill --all reaches a child that its init does not tell",
    probe: ["init", "/probe", "handler"],
    kills: [{ flags: ["--all", "--signal", "SIGKILL"] }],
    status: 137,
  },
  { title: "signals by number", probe: ["sigtimedwait"], kills: [{ flags: ["--signal", "15"] }], status: 4 },
];

async function play(containerd: Containerd, runtime: Runtime, scenario: Scenario) {
  await using container = await startDetached(containerd, {
    runtime,
    image,
    args: ["/probe", ...scenario.probe],
  });
  await container.printed("ready");
  for (const { flags, printed } of scenario.kills) {
    await container.kill(...flags);
    if (printed !== undefined) await container.printed(printed);
  }
  const status = await container.deleted();
  return { status, output: await container.output() };
}

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await staticImage()],
  ({ runtime, containerd }) => {
    test.each([...SCENARIOS])("$title", async (scenario) => {
      const ours = await play(containerd(), runtime, scenario);
      expect(ours.status).toBe(scenario.status);
      expect(ours).toEqual(await play(containerd(), "runc", scenario));
    });
  },
);
