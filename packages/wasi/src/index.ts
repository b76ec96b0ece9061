// SPDX-License-Identifier: Apache-2.0
export { describeImports, type WasiImport } from "./compile.ts";
export type { Preopen } from "./preopen.ts";
export { runWasi, TRAP_EXIT_CODE, type WasiOptions } from "./run.ts";
export { WasiError, type WasiErrorKind } from "./wasi-error.ts";
