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

/** The name of the module that guests import preview 1 from. */
export const WASI_MODULE = "wasi_snapshot_preview1";

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

/** The names of all functions of preview 1. */
export const WASI_FUNCTIONS: ReadonlySet<string> = new Set(Object.keys(FUNCTIONS));

/**
 * The preview 1 functions for one guest, as its import object wants them. They answer with an errno for whatever
 * the guest passes; the only exception that leaves them is `ProcExit`.
 */
export function createImports(context: WasiContext): Record<string, (...args: never[]) => Errno> {
  const imports: Record<string, (...args: never[]) => Errno> = {};
  for (const [name, body] of Object.entries(FUNCTIONS)) imports[name] = bind(context, body);
  return imports;
}

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
