// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMountNamespace } from "@runwasi/e2e";
import { wasmtimeBin } from "../../scripts/toolchain/wasmtime.ts";
import { isPhaseTimes, PHASES } from "./one-life.ts";
import { summarize } from "./samples.ts";
import { table } from "./table.ts";

/**
 * The life of a container by the shim's own interfaces, without containerd: what each phase costs. Measured by a
 * process inside a mount namespace like those of e2e.
 */
export async function benchPhases(shims: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rwb-"));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const namespace = undo.use(await openMountNamespace(folder));
  const rows: (string | number)[][] = [];
  for (const shim of shims) {
    for (const workload of ["native", "wasm"]) {
      const script = join(import.meta.dir, "one-life.ts");
      const child = Bun.spawn(namespace.enter([process.execPath, script, shim, workload, folder]), {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, PATH: `${wasmtimeBin()}:${process.env["PATH"]}` },
      });
      const lives: unknown = await new Response(child.stdout).json();
      if (!Array.isArray(lives) || !lives.every(isPhaseTimes)) throw new Error(`cannot measure ${shim}`);
      const medians = PHASES.map((phase) => summarize(lives.map((times) => times[phase])).median);
      rows.push([`${shim}, ${workload}`, ...medians]);
    }
  }
  return table(["median ms", ...PHASES], rows);
}
