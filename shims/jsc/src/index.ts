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

/** Where the distributions of an image's makers keep the certificates that they trust. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

function engineVariables({ format, entry }: WasmWorkload): readonly string[] {
  if (format.kind !== "component") return [];
  const usesHttp = format.interface.imports.some(({ name }) => name.startsWith("wasi:http/"));
  return [
    // A memory that is fast to use reserves gigabytes of address space: slow for an instance a request.
    ...(entry.kind === "http" ? ["BUN_JSC_useWasmFastMemory=0"] : []),
    ...(usesHttp ? [`NODE_EXTRA_CA_CERTS=${CERTIFICATES}`] : []),
  ];
}
