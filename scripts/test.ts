// SPDX-License-Identifier: Apache-2.0
// Every test: the checks, ttrpc against its Go peer, e2e/ under real containerds with real engines, and beside it, as either
// leaves a processor idle for much of its time, those in a virtual machine. `npm test`.
import { checks } from "./check.ts";
import { ensureTestTools } from "./engines.ts";
import { runSteps, tool } from "./steps.ts";
import { createTestRun } from "./test-run.ts";
import { testInVm } from "./test-vm.ts";
import { ensureVmImage } from "./toolchain/vm-image.ts";

const run = createTestRun();
const vmReport: string[] = [];
let inVm: Promise<void> | undefined;

function startVm(): void {
  inVm = testInVm(run, { print: (text) => vmReport.push(text) });
  inVm.catch(() => {}); // reported by endVm()
}

async function endVm(): Promise<void> {
  await inVm?.finally(() => process.stderr.write(vmReport.join("")));
}

const ok = await runSteps([
  ...checks(run),
  ["ttrpc against Go", () => run.test("./packages/ttrpc/interop")],
  ["large and hostile components on jsc", () => run.test("./packages/wasi-preview2/interop")],
  ["tools for e2e", ensureTestTools],
  ["image of the virtual machine", async () => void (await ensureVmImage())],
  ["test modules on wasmtime alone", () => run.test("./packages/test-modules/interop")],
  ["images read by others' tools", () => run.test("./tools/oci-tar-builder/interop")],
  ["build", tool("bun", "scripts/build.ts")],
  ["cross build for linux-arm64", tool("bun", "scripts/build.ts", "--target", "linux-arm64")],
  ["start of the virtual machine", startVm],
  // Each file has a containerd of its own, and waits more than it computes.
  ["e2e", () => run.testBesideOthers("--parallel=2", "./e2e")],
  ["cgroup v2 and systemd, in a virtual machine", endVm],
]);
run.printTotals();
process.exitCode = ok ? 0 : 1;
