// SPDX-License-Identifier: Apache-2.0
import {
  assertComplete,
  type ComponentInterface,
  detectFormat,
  HEADER_BYTES,
  MalformedWasmError,
  readComponentInterface,
  readWasmInterface,
} from "@runwasi/wasm-binary";
import { assembleText } from "./assemble-text.ts";
import { BuildError } from "./build-error.ts";

/** A WebAssembly binary that has been looked at. */
export type WasmProgram =
  | { readonly kind: "module"; readonly bytes: Uint8Array }
  | { readonly kind: "component"; readonly bytes: Uint8Array; readonly interface: ComponentInterface };

/**
 * Takes a module or component, or assembles its text. Sections, imports and exports are read; code is not, an engine
 * can still refuse it.
 *
 * @param source what messages call it, a file's name as a rule
 * @throws BuildError "input" for anything else, with the reason.
 */
export async function parseProgram(content: Uint8Array, source: string): Promise<WasmProgram> {
  const format = detectFormat(content.subarray(0, HEADER_BYTES));
  switch (format) {
    case "module":
      return refusing(source, () => {
        readWasmInterface(content, content.length);
        assertComplete(content, content.length);
        return { kind: "module", bytes: content };
      });
    case "component":
      return refusing(source, () => {
        return {
          kind: "component",
          bytes: content,
          interface: readComponentInterface(content, content.length),
        };
      });
    case "text":
      return await parseProgram(await assembleText(content, source), source);
    case "truncated":
      throw refused(source, `it is truncated (${content.length} bytes of a preamble of 8)`);
    case "native":
      throw refused(source, "it is a native program or a script");
    case "unknown":
      throw refused(source, content.length === 0 ? "it is empty" : `it begins with ${beginning(content)}`);
    default:
      return format satisfies never;
  }
}

function refusing(source: string, parse: () => WasmProgram): WasmProgram {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MalformedWasmError)) throw error;
    throw new BuildError("input", `cannot pack "${source}": ${error.message}`, { cause: error });
  }
}

function refused(source: string, reason: string): BuildError {
  return new BuildError(
    "input",
    `cannot pack "${source}": ${reason} (a WebAssembly module, component or their text is needed)`,
  );
}

/** How many of a file's bytes a message shows. */
const SHOWN_BYTES = 8;

function beginning(content: Uint8Array): string {
  const hex = content.subarray(0, SHOWN_BYTES).toHex();
  return `the bytes ${hex.replace(/..(?=.)/g, "$& ")}`;
}
