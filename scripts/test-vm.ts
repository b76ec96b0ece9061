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

/** Boots the machine and runs the tests in it; needs dist/. Their outcomes are counted in `run`. */
export async function testInVm(run: TestRun, only = ""): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "runwasi-vmjob-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const image = await ensureVmImage();
  const job = await makeJobDisk(folder, only);
  const print = (text: string) => void process.stderr.write(text);
  const { accelerator, output, status } = await runVm({ image, job, timeoutMs: TIMEOUT_MS, print });
  process.stderr.write(`the machine ran ${accelerator === "kvm" ? "on KVM" : "emulated"}\n`);
  run.count(output, status);
}

if (import.meta.main) {
  const run = createTestRun();
  const ok = await runSteps([
    ["build", tool("bun", "scripts/build.ts")],
    ["cgroup v2 and systemd, in a virtual machine", () => testInVm(run, process.argv[2])],
  ]);
  run.printTotals();
  process.exitCode = ok ? 0 : 1;
}
