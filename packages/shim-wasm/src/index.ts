// SPDX-License-Identifier: Apache-2.0
export type { Command, Engine, EngineExecutable, Preopen, WasmFormat, WasmWorkload } from "./engine.ts";
export { guestCommand } from "./host/guest-command.ts";
export { splitEnvironment } from "./steering-variables.ts";
export { WASI_PREVIEW1 } from "./wasi-preview1.ts";
export { runWasmShims, wasmShim } from "./wasm-shim.ts";
