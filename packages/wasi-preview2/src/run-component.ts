// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";
import { ComponentError } from "./component-error.ts";
import { GuestExit } from "./host/cli.ts";
import { type Component, loadComponent } from "./component.ts";
import { createHost, type HostOptions } from "./host/host.ts";
import { formatValue } from "./invoke/format-value.ts";
import { parseArguments } from "./invoke/parse-argument.ts";
import { findExport, RUN } from "./link/find-export.ts";
import { instantiate } from "./link/instantiate.ts";
import { trapMessage } from "./trap-message.ts";

/** A component and all it gets. */
export interface ComponentOptions extends HostOptions {
  readonly component: Uint8Array | Component;
  /** The exported function to call instead of `wasi:cli/run`; its parameters are taken from `args` after the first. */
  readonly invoke?: string;
}

/** The exit code after a trap: that of a process which aborts, 128 + SIGABRT, as `wasmtime run` has it. */
export const TRAP_EXIT_CODE = 134;

/**
 * Runs a component to its end and answers with its exit code, 0 to 255.
 *
 * A trap is written to the guest's stderr and gives {@link TRAP_EXIT_CODE}. What an invoked function gives is
 * written to stdout, in the text form of wasmtime (WAVE). What keeps the guest from starting is thrown as
 * `ComponentError`. Times and descriptors are waited for by blocking the thread, as long as nothing else is going on.
 */
export async function runComponent(options: ComponentOptions): Promise<number> {
  const [, stdout, stderr] = options.stdio ?? [0, 1, 2];
  const { definition } = loadComponent(options.component);
  const { interfaces } = createHost(options);
  try {
    using instance = instantiate(definition, interfaces);
    const func = findExport(instance.exports, options.invoke ?? RUN);
    if (options.invoke === undefined) return exitCodeOf(await func.call([]));
    const result = await func.call(parseArguments(options.invoke, func.type, options.args.slice(1)));
    if (func.type.result !== undefined) writeSync(stdout, `${formatValue(func.type.result, result)}\n`);
    return 0;
  } catch (error) {
    return endOf(error, stderr);
  }
}

function exitCodeOf(result: unknown): number {
  return typeof result === "object" && result !== null && "tag" in result && result.tag === "err" ? 1 : 0;
}

/** The exit code of a guest that ended by an exception, its trap reported; throws what kept it from starting. */
function endOf(error: unknown, stderr: number): number {
  if (error instanceof GuestExit) return error.exitCode;
  if (error instanceof ComponentError && error.kind !== "trap") throw error;
  writeReport(stderr, `${trapMessage(error)}\n`);
  return TRAP_EXIT_CODE;
}

function writeReport(stderr: number, text: string): void {
  try {
    writeSync(stderr, text);
  } catch {
    // The guest's stderr is gone; the exit code still tells.
  }
}
