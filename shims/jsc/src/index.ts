// SPDX-License-Identifier: Apache-2.0
import { guestCommand, WASI_PREVIEW1, type Engine } from "@runwasi/containerd-shim-wasm";

/** WebAssembly of the JavaScriptCore in this very executable, with WASI preview 1. Nothing to install. */
export const jsc: Engine = {
  name: "jsc",
  executable: { kind: "embedded" },
  imports: WASI_PREVIEW1,
  command: guestCommand,
};
