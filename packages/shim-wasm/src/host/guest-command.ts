// SPDX-License-Identifier: Apache-2.0
import type { Command, Engine, Guest, RunGuest } from "../engine.ts";
import type { OptionValue } from "../engine-options.ts";

/** First argument of this executable when it is the engine inside a container; the engine's name follows. */
export const RUN_GUEST = "run-guest";

/**
 * Marks a guest's variable in the engine's environment, where none may have a name that Bun or the loader reads. The
 * environment carries them because the values may be secrets, and a command line is for all to read.
 */
export const ENV_PREFIX = "guest:";

/**
 * Completes an engine that is a function of this program: the library runs it in a process of its own, the container's
 * init, with nothing but what the container allows. A terminating signal ends it unless it handles that.
 */
export function inProcess(
  engine: Omit<Engine, "executable" | "command"> & { readonly run: RunGuest },
): Engine {
  const { run, ...described } = engine;
  return {
    ...described,
    executable: { kind: "embedded", run },
    command: (workload) => guestCommand(engine.name, workload),
  };
}

/** How an embedded engine is called for a guest; `runGuest` reads it. */
export function guestCommand(engine: string, { path, entry, args, env, preopens, options }: Guest): Command {
  return {
    args: [
      RUN_GUEST,
      engine,
      ...preopens.flatMap(({ containerPath, guestPath }) => ["--dir", containerPath, guestPath]),
      ...[...options].flatMap(([name, value]) => ["--option", name, encodeValue(value)]),
      ...(entry.kind === "function" ? ["--invoke", entry.name] : []),
      ...(entry.kind === "http" ? ["--http", entry.address] : []),
      "--",
      path,
      ...args,
    ],
    env: env.map((variable) => ENV_PREFIX + variable),
  };
}

function encodeValue(value: OptionValue): string {
  return JSON.stringify(value);
}
