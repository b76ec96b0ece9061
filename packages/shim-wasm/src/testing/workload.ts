// SPDX-License-Identifier: Apache-2.0
import type { WasmFormat, WasmWorkload } from "../engine.ts";

/** A workload of this format and nothing else; `function` names what `path#function` would. */
export function workloadOf(format: WasmFormat, functionName?: string): WasmWorkload {
  return {
    path: "/app.wasm",
    format,
    entry: functionName === undefined ? { kind: "command" } : { kind: "function", name: functionName },
    args: [],
    env: [],
    preopens: [],
    options: new Map(),
  };
}
