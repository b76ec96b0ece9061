// SPDX-License-Identifier: Apache-2.0
import { inProcess, WASI_PREVIEW1, type Engine, type WasmWorkload } from "@runwasi/containerd-shim-wasm";

const embedded = inProcess({
  name: "jsc",
  imports: WASI_PREVIEW1,
  // Versions of one API, which components made by different tools mix.
  componentPackages: ["cli", "clocks", "filesystem", "http", "io", "random", "sockets"].map(
    (name) => `wasi:${name}@0.2`,
  ),
  run: async (guest) => (await import("./run.ts")).run(guest),
});

/** WebAssembly of the JavaScriptCore in this very executable, with WASI. Nothing to install. */
export const jsc: Engine = {
  ...embedded,
  command(workload, engineFolder) {
    const { args, env } = embedded.command(workload, engineFolder);
    return { args, env: [...env, ...engineVariables(workload)] };
  },
};

function engineVariables({ entry }: WasmWorkload): readonly string[] {
  // A memory that is fast to use reserves gigabytes of address space: slow for an instance a request.
  return entry.kind === "http" ? ["BUN_JSC_useWasmFastMemory=0"] : [];
}
