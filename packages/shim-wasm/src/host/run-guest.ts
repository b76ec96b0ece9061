// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeSync } from "node:fs";
import type { Engine, Entry, Guest, Preopen } from "../engine.ts";
import type { OptionValue } from "../engine-options.ts";
import { ENV_PREFIX } from "./guest-command.ts";

/**
 * Runs a guest as the container's init: what `guestCommand` asked for. Ends the process with the guest's exit code.
 *
 * @param argv the arguments after RUN_GUEST and the engine's name
 */
export async function runGuest(engine: Engine, argv: readonly string[]): Promise<never> {
  if (engine.executable.kind !== "embedded")
    throw new Error(`engine "${engine.name}" is not part of this executable`);
  const guest: Guest = { ...parseGuestArguments(argv), env: guestEnvironment() };
  let status: number;
  try {
    status = await engine.executable.run(guest);
  } catch (error) {
    writeSync(2, `cannot run "${guest.path}": ${error instanceof Error ? error.message : String(error)}\n`);
    status = 1;
  }
  process.exit(status);
}

/** Reads back what `guestCommand` wrote. */
export function parseGuestArguments(argv: readonly string[]): Omit<Guest, "env"> {
  const preopens: Preopen[] = [];
  const options = new Map<string, OptionValue>();
  let entry: Entry = { kind: "command" };
  let index = 0;
  const next = (): string => argv[index++] ?? "";
  for (let option = next(); option !== "--" && index <= argv.length; option = next()) {
    if (option === "--dir") preopens.push({ containerPath: next(), guestPath: next() });
    else if (option === "--option") options.set(next(), parseValue(next()));
    else if (option === "--invoke") entry = { kind: "function", name: next() };
    else if (option === "--http") entry = { kind: "http", address: next() };
    else throw new Error(`option "${option}" is not known`);
  }
  return { path: next(), args: argv.slice(index), entry, preopens, options };
}

function parseValue(text: string): OptionValue {
  const value: unknown = text === "" ? "" : JSON.parse(text);
  return typeof value === "boolean" || typeof value === "number" ? value : String(value);
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
