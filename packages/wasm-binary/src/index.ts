// SPDX-License-Identifier: Apache-2.0
export { assertComplete } from "./assert-complete.ts";
export { MalformedWasmError, type WasmSource } from "./binary-reader.ts";
export {
  type ComponentExtern,
  type ComponentInterface,
  exportsInterface,
  readComponentInterface,
} from "./component-interface.ts";
export { hasCustomSection } from "./custom-sections.ts";
export { detectFormat, type FileFormat, HEADER_BYTES } from "./file-format.ts";
export { readWasmInterface, type WasmExport, type WasmImport, type WasmInterface } from "./wasm-interface.ts";
