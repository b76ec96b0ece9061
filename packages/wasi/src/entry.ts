// SPDX-License-Identifier: Apache-2.0
import type { GuestMemory } from "./guest-memory.ts";
import { ProcExit } from "./proc.ts";
import { WasiError } from "./wasi-error.ts";

/** What chooses the function to call, see `WasiOptions`. */
export interface EntryOptions {
  readonly args: readonly string[];
  readonly invoke?: string;
}

const START = "_start";
const INITIALIZE = "_initialize";

/**
 * Instantiates a module and calls its entry: `_start`, or what `invoke` names after `_initialize` where the
 * module has one. Returns the exit code; throws `WasiError` of kind `missing-export` or `trap`.
 */
export function callEntry(
  module: WebAssembly.Module,
  imports: Bun.WebAssembly.Imports,
  memory: GuestMemory,
  options: EntryOptions,
): number {
  const name = options.invoke ?? START;
  assertExported(module, name);
  try {
    const { exports } = new WebAssembly.Instance(module, imports);
    if (exports["memory"] instanceof WebAssembly.Memory) memory.attach(exports["memory"]);
    if (name !== START) callExport(exports[INITIALIZE], []);
    const entry = exports[name];
    callExport(entry, name === START ? [] : parseParameters(name, entry, options.args.slice(1)));
    return 0;
  } catch (error) {
    if (error instanceof ProcExit) return error.exitCode;
    throw trapOf(error);
  }
}

function assertExported(module: WebAssembly.Module, name: string): void {
  const functions = WebAssembly.Module.exports(module).filter((entry) => entry.kind === "function");
  if (functions.some((entry) => entry.name === name)) return;
  const found = functions.map((entry) => `"${entry.name}"`).join(", ");
  throw new WasiError(
    "missing-export",
    `cannot call function "${name}": it is not exported (${found || "none is"})`,
    {
      names: [name],
    },
  );
}

function callExport(value: Bun.WebAssembly.ExportValue | undefined, args: readonly number[]): void {
  if (typeof value === "function") value(...args);
}

/** The numbers for an invoked function's parameters; throws `bad-arguments` when there are too few or others. */
function parseParameters(name: string, value: unknown, args: readonly string[]): readonly number[] {
  const count = typeof value === "function" ? value.length : 0;
  const parameters = args.slice(0, count).map(Number);
  if (parameters.length === count && !parameters.some(Number.isNaN)) return parameters;
  const given = args.map((arg) => `"${arg}"`).join(" ");
  throw new WasiError(
    "bad-arguments",
    `cannot call function "${name}": got ${given || "nothing"} (${count} numbers)`,
  );
}

// JavaScriptCore adds the JavaScript that called in, which tells the guest's author nothing.
const EVALUATED = / \(evaluating '.*'\)$/s;

function trapOf(error: unknown): WasiError {
  if (error instanceof WasiError) return error;
  const reason =
    error instanceof Error ? error.message.replace(EVALUATED, "") : "an exception was not caught";
  return new WasiError("trap", `cannot run module: wasm trap: ${reason}`, { cause: error });
}
