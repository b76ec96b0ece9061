// SPDX-License-Identifier: Apache-2.0
// The tests of e2e/vm, in a virtual machine with cgroup v2 and systemd. `npm run test:vm`, or some of
// them by a pattern for their titles: `npm run test:vm -- systemd`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeJobDisk } from "../e2e/vm/host/job-disk.ts";
import { runVm } from "../e2e/vm/host/run-vm.ts";
import { runSteps, tool } from "./steps.ts";
import { createTestRun, type TestRun } from "./test-run.ts";
import { ensureVmImage } from "./toolchain/vm-image.ts";

/** Far beyond what an emulated machine takes, on a host that has other work too. */
const TIMEOUT_MS = 30 * 60_000;

/** How the tests are run. */
export interface VmOptions {
  /** A pattern for the titles of those to run. */
  readonly only?: string;
  /** Gets what they print; stderr when absent. */
  readonly print?: (text: string) => void;
}

/** Boots the machine and runs the tests in it; needs dist/. Their outcomes are counted in `run`. */
export async function testInVm(run: TestRun, options: VmOptions = {}): Promise<void> {
  const { only = "", print = (text) => void process.stderr.write(text) } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "runwasi-vmjob-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const image = await ensureVmImage();
  const job = await makeJobDisk(folder, only);
  const { accelerator, output, status } = await runVm({ image, job, timeoutMs: TIMEOUT_MS, print });
  print(`the machine ran ${accelerator === "kvm" ? "on KVM" : "emulated"}\n`);
  run.count(output, status);
}

if (import.meta.main) {
  const run = createTestRun();
  const only = process.argv[2];
  const ok = await runSteps([
    ["build", tool("bun", "scripts/build.ts")],
    ["cgroup v2 and systemd, in a virtual machine", () => testInVm(run, only === undefined ? {} : { only })],
  ]);
  run.printTotals();
  process.exitCode = ok ? 0 : 1;
}
