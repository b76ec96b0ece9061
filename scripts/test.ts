// SPDX-License-Identifier: Apache-2.0
// Every test: the checks, ttrpc against its Go peer, e2e/ under real containerds with real engines, and that in a virtual
// machine. `npm test`.
import { checks } from "./check.ts";
import { ensureTestTools } from "./engines.ts";
import { runSteps, tool } from "./steps.ts";
import { createTestRun } from "./test-run.ts";
import { testInVm } from "./test-vm.ts";

const run = createTestRun();
const ok = await runSteps([
  ...checks(run),
  ["ttrpc against Go", () => run.test("./packages/ttrpc/interop")],
  ["large and hostile components on jsc", () => run.test("./packages/wasi-preview2/interop")],
  ["tools for e2e", ensureTestTools],
  ["test modules on wasmtime alone", () => run.test("./packages/test-modules/interop")],
  ["images read by others' tools", () => run.test("./tools/oci-tar-builder/interop")],
  ["build", tool("bun", "scripts/build.ts")],
  ["cross build for linux-arm64", tool("bun", "scripts/build.ts", "--target", "linux-arm64")],
  ["e2e", () => run.test("./e2e")],
  ["cgroup v2 and systemd, in a virtual machine", () => testInVm(run)],
]);
run.printTotals();
process.exitCode = ok ? 0 : 1;
