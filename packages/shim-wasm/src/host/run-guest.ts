// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeSync } from "node:fs";
import { runWasi, WasiError, type Preopen } from "@runwasi/wasi";
import { ENV_PREFIX } from "./guest-command.ts";

/** What a shell gives for a program that cannot be executed. */
const CANNOT_RUN = 126;

/**
 * Runs a module as the container's init: what `guestCommand` asked for. Ends the process with the guest's exit code.
 *
 * @param argv the arguments after RUN_GUEST
 */
export function runGuest(argv: readonly string[]): void {
  const { path, args, invoke, preopens } = parseGuestArguments(argv);
  let status: number;
  try {
    status = runWasi({
      module: readFileSync(path),
      args,
      env: guestEnvironment(),
      preopens,
      ...(invoke !== undefined && { invoke }),
    });
  } catch (error) {
    writeSync(2, `cannot run "${path}": ${error instanceof Error ? error.message : String(error)}\n`);
    status = error instanceof WasiError ? CANNOT_RUN : 1;
  }
  process.exit(status);
}

interface GuestArguments {
  readonly path: string;
  readonly args: readonly string[];
  readonly invoke: string | undefined;
  readonly preopens: readonly Preopen[];
}

/** Reads back what `guestCommand` wrote. */
export function parseGuestArguments(argv: readonly string[]): GuestArguments {
  const preopens: Preopen[] = [];
  let invoke: string | undefined;
  let index = 0;
  const next = (): string => argv[index++] ?? "";
  for (let option = next(); option !== "--" && index <= argv.length; option = next()) {
    if (option === "--dir") preopens.push({ hostPath: next(), guestPath: next() });
    else if (option === "--invoke") invoke = next();
    else throw new Error(`option "${option}" is not known`);
  }
  return { path: next(), args: argv.slice(index), invoke, preopens };
}

// From the kernel: the process's own view drops duplicates and what has no "=".
function guestEnvironment(): readonly string[] {
  let entries: readonly string[];
  try {
    entries = readFileSync("/proc/self/environ", "utf8").split("\0");
  } catch {
    entries = Object.entries(process.env).map(([name, value]) => `${name}=${value}`); // a container without /proc
  }
  const env = entries.flatMap((entry) =>
    entry.startsWith(ENV_PREFIX) ? entry.slice(ENV_PREFIX.length) : [],
  );
  // The one variable that OCI runtimes add by themselves, where the spec has none: every program gets it.
  const home = entries.find((entry) => entry.startsWith("HOME="));
  return home === undefined || env.some((entry) => entry.startsWith("HOME=")) ? env : [...env, home];
}
