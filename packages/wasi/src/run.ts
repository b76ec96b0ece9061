// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";
import { compileModule, describeImports } from "./compile.ts";
import type { WasiContext } from "./context.ts";
import { callEntry } from "./entry.ts";
import { FdTable } from "./fd-table.ts";
import { GuestMemory } from "./guest-memory.ts";
import { createImports, WASI_MODULES } from "./imports.ts";
import type { Kernel } from "./kernel.ts";
import { openKernel } from "./linux-kernel.ts";
import { createOpenBeneath, type OpenBeneath } from "./open-beneath.ts";
import { openPreopen, type Preopen } from "./preopen.ts";
import { WasiError } from "./wasi-error.ts";

/** A guest and all it gets; nothing is taken from this process's own arguments, environment or folder. */
export interface WasiOptions {
  readonly module: Uint8Array | WebAssembly.Module;
  /** The first is the program's name. */
  readonly args: readonly string[];
  /** `NAME=value`; order and duplicates are kept. */
  readonly env: readonly string[];
  /** The guest finds them from descriptor 3 on, in this order. */
  readonly preopens: readonly Preopen[];
  /** The exported function to call instead of `_start`; its parameters are taken from `args` after the first. */
  readonly invoke?: string;
  /** The guest's stdin, stdout and stderr, which stay the caller's; 0, 1 and 2 when left out. */
  readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
}

/** The exit code after a trap: that of a process which aborts, 128 + SIGABRT, as `wasmtime run` has it. */
export const TRAP_EXIT_CODE = 134;

/**
 * Runs a preview 1 guest to its end and returns its exit code, 0 to 255.
 *
 * Blocks the thread until then. A trap is written to the guest's stderr and gives {@link TRAP_EXIT_CODE}. What
 * keeps the guest from starting is thrown as `WasiError`.
 */
export function runWasi(options: WasiOptions): number {
  return runOnKernel(options, openKernel);
}

/** As `runWasi`, with system calls of the caller's choice. */
export function runOnKernel(options: WasiOptions, open: () => Kernel): number {
  const [, , stderr] = options.stdio ?? [0, 1, 2];
  try {
    return runModule(options, open);
  } catch (error) {
    if (!(error instanceof WasiError) || error.kind !== "trap") throw error;
    writeReport(stderr, `${error.message}\n`);
    return TRAP_EXIT_CODE;
  }
}

function runModule(options: WasiOptions, open: () => Kernel): number {
  const module =
    options.module instanceof WebAssembly.Module ? options.module : compileModule(options.module);
  assertLinkable(module);
  using fds = new FdTable();
  const context = createContext(options, fds, lazy(open));
  return callEntry(module, createImports(context), context.memory, options);
}

function assertLinkable(module: WebAssembly.Module): void {
  const imports = describeImports(module);
  const names = imports.filter((entry) => !entry.isProvided).map((entry) => `${entry.module}.${entry.name}`);
  if (names.length > 0) {
    const list = names.map((name) => `"${name}"`).join(", ");
    throw new WasiError(
      "missing-import",
      `cannot link module: it imports ${list} (only ${[...WASI_MODULES.keys()].join(" and ")} are here)`,
      {
        names,
      },
    );
  }
  const exportsMemory = WebAssembly.Module.exports(module).some(
    (entry) => entry.name === "memory" && entry.kind === "memory",
  );
  if (imports.length > 0 && !exportsMemory) {
    throw new WasiError(
      "missing-export",
      `cannot link module: it exports no memory "memory" (WASI needs it)`,
      {
        names: ["memory"],
      },
    );
  }
}

function createContext(options: WasiOptions, fds: FdTable, kernel: () => Kernel): WasiContext {
  const [stdin, stdout, stderr] = options.stdio ?? [0, 1, 2];
  fds.add({ kind: "stdio", hostFd: stdin, access: "read", flags: 0 });
  fds.add({ kind: "stdio", hostFd: stdout, access: "write", flags: 0 });
  fds.add({ kind: "stdio", hostFd: stderr, access: "write", flags: 0 });
  for (const preopen of options.preopens) fds.add(openPreopen(preopen));
  return {
    memory: new GuestMemory(),
    fds,
    args: options.args.map((arg) => Buffer.from(arg)),
    env: options.env.map((variable) => Buffer.from(variable)),
    kernel,
    openBeneath: lazy<OpenBeneath>(() => createOpenBeneath(kernel())),
  };
}

function lazy<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= create());
}

function writeReport(stderr: number, text: string): void {
  try {
    writeSync(stderr, text);
  } catch {
    // The guest's stderr is gone; the exit code still tells.
  }
}
