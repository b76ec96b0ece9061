// SPDX-License-Identifier: Apache-2.0

/**
 * What a file's first bytes say it is.
 *
 * - `native`: ELF, or a script with `#!`: what the kernel executes.
 * - `module`, `component`: WebAssembly, by its preamble.
 * - `text`: WebAssembly's text format.
 * - `truncated`: the beginning of a Wasm preamble and no more.
 * - `unknown`: none of these.
 */
export type FileFormat = "native" | "module" | "component" | "text" | "truncated" | "unknown";

/** How much of a file `detectFormat` looks at. */
export const HEADER_BYTES = 4096;

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const SCRIPT = [0x23, 0x21];
/** `\0asm` and version 1. https://webassembly.github.io/spec/core/binary/modules.html#binary-module */
const MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const MAGIC_BYTES = 4;
/** `\0asm`, version 13, layer 1. https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md */
const COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** @param header the first HEADER_BYTES of the file, or all of a shorter one */
export function detectFormat(header: Uint8Array): FileFormat {
  if (startsWith(header, ELF) || startsWith(header, SCRIPT)) return "native";
  if (startsWith(header, MODULE)) return "module";
  if (startsWith(header, COMPONENT)) return "component";
  if (header.length < MODULE.length && startsWith(header, MODULE.slice(0, MAGIC_BYTES))) return "truncated";
  return isWat(header) ? "text" : "unknown";
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

// `(module` or `(component` after white space and comments; the shortcut without `(module` is taken for no Wasm, as
// any list in any Lisp would be.
function isWat(header: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(header);
  return /^(?:\s|;;[^\n]*\n|\(;(?:[^;]|;(?!\)))*;\))*\((?:module|component)[\s()$]/.test(text);
}
