// SPDX-License-Identifier: Apache-2.0
import { argsEnvironFunctions } from "./args-environ.ts";
import { clockFunctions } from "./clocks.ts";
import type { WasiContext, WasiFunctions } from "./context.ts";
import { type Errno, errnoFromLinux, linuxErrnoOf, WasiErrno } from "./errno.ts";
import { fdHandleFunctions } from "./fd-handles.ts";
import { fdIoFunctions } from "./fd-io.ts";
import { fdReaddirFunctions } from "./fd-readdir.ts";
import { fdStatFunctions } from "./fd-stat.ts";
import { fdStorageFunctions } from "./fd-storage.ts";
import { pathEditFunctions } from "./path-edit.ts";
import { pathOpenFunctions } from "./path-open.ts";
import { pathStatFunctions } from "./path-stat.ts";
import { pollFunctions } from "./poll.ts";
import { procFunctions } from "./proc.ts";
import { randomFunctions } from "./random.ts";
import { sockFunctions } from "./sock.ts";
import { unstableFunctions } from "./unstable.ts";

const FUNCTIONS: WasiFunctions = {
  ...argsEnvironFunctions,
  ...clockFunctions,
  ...fdHandleFunctions,
  ...fdIoFunctions,
  ...fdReaddirFunctions,
  ...fdStatFunctions,
  ...fdStorageFunctions,
  ...pathEditFunctions,
  ...pathOpenFunctions,
  ...pathStatFunctions,
  ...pollFunctions,
  ...procFunctions,
  ...randomFunctions,
  ...sockFunctions,
};

/** The modules that guests import preview 1 from, with their functions: its final name and its first one. */
export const WASI_MODULES: ReadonlyMap<string, WasiFunctions> = new Map([
  ["wasi_snapshot_preview1", FUNCTIONS],
  ["wasi_unstable", { ...FUNCTIONS, ...unstableFunctions }],
]);

/**
 * The import object for one guest. Its functions answer with an errno for whatever the guest passes; the only
 * exception that leaves them is `ProcExit`.
 */
export function createImports(context: WasiContext): Record<string, ImportedFunctions> {
  const modules: Record<string, ImportedFunctions> = {};
  for (const [module, functions] of WASI_MODULES) {
    const bound: ImportedFunctions = {};
    for (const [name, body] of Object.entries(functions)) bound[name] = bind(context, body);
    modules[module] = bound;
  }
  return modules;
}

type ImportedFunctions = Record<string, (...args: never[]) => Errno>;
type WasiFunction = WasiFunctions[string];

function bind(context: WasiContext, body: WasiFunction): (...args: never[]) => Errno {
  return (...args) => {
    try {
      return body(context, ...args);
    } catch (error) {
      return errnoOf(error);
    }
  };
}

function errnoOf(error: unknown): Errno {
  if (error instanceof WasiErrno) return error.errno;
  const linuxErrno = linuxErrnoOf(error);
  if (linuxErrno !== undefined) return errnoFromLinux(linuxErrno);
  throw error;
}
