// SPDX-License-Identifier: Apache-2.0
export type {
  Command,
  CompileTask,
  Engine,
  EngineExecutable,
  EngineImports,
  Entry,
  Guest,
  Precompiler,
  Preopen,
  RunGuest,
  WasmFormat,
  WasmWorkload,
} from "./engine.ts";
export type { EngineModule } from "./engine-module.ts";
export {
  acceptedValues,
  optionArguments,
  type EngineOption,
  type EngineOptions,
  type OptionValue,
  type OptionValues,
} from "./engine-options.ts";
export { isAtLeast } from "./engine-version.ts";
export { inProcess } from "./host/guest-command.ts";
export { splitEnvironment } from "./steering-variables.ts";
export { WASI_PREVIEW1, wasiPreview1With } from "./wasi-preview1.ts";
export { runWasmShims, wasmShim } from "./wasm-shim.ts";
