// SPDX-License-Identifier: Apache-2.0
import { inProcess, WASI_PREVIEW1, type Engine } from "@runwasi/containerd-shim-wasm";

/** WebAssembly of the JavaScriptCore in this very executable, with WASI. Nothing to install. */
export const jsc: Engine = inProcess({
  name: "jsc",
  imports: WASI_PREVIEW1,
  run: async (guest) => (await import("./run.ts")).run(guest),
});
