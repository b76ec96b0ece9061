// SPDX-License-Identifier: Apache-2.0
import { BuildError } from "./build-error.ts";

/**
 * Assembles the text of a module or component with wasm-tools, which is loaded for it (0.1 s).
 *
 * @throws BuildError "input" with the line and column of what is wrong.
 */
export async function assembleText(content: Uint8Array, source: string): Promise<Uint8Array> {
  const text = decodeUtf8(content, source);
  const { parse } = await import("@bytecodealliance/jco-transpile/wasm-tools");
  try {
    return await parse(text);
  } catch (error) {
    throw new BuildError("input", `cannot assemble "${source}": ${reasonOf(error)}`, { cause: error });
  }
}

function decodeUtf8(content: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    throw new BuildError("input", `cannot assemble "${source}": it is not UTF-8`, { cause: error });
  }
}

/** Debug output of Rust is all that wasm-tools answers here: taken apart where it has the known form, else shown whole. */
function reasonOf(error: unknown): string {
  const report = error instanceof Error ? error.message : String(error);
  const [, line, column] = /line: (\d+), col: (\d+)/.exec(report) ?? [];
  const [, reason = report] = /^.*kind: (?:Custom\(")?(.*?)(?:"\))? } }\) }$/s.exec(report) ?? [];
  return line === undefined ? reason : `line ${Number(line) + 1}, column ${Number(column) + 1}: ${reason}`;
}
