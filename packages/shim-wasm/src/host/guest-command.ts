// SPDX-License-Identifier: Apache-2.0
import type { Command, WasmWorkload } from "../engine.ts";

/** First argument of this executable when it is the engine inside a container. */
export const RUN_GUEST = "run-guest";

/**
 * Marks a guest's variable in the engine's environment, where none may have a name that Bun or the loader reads. The
 * environment carries them because the values may be secrets, and a command line is for all to read.
 */
export const ENV_PREFIX = "guest:";

/** How the embedded engine is called for a workload; `runGuest` reads it. */
export function guestCommand({ path, invoke, args, env, preopens }: WasmWorkload): Command {
  return {
    args: [
      RUN_GUEST,
      ...preopens.flatMap(({ containerPath, guestPath }) => ["--dir", containerPath, guestPath]),
      ...(invoke === undefined ? [] : ["--invoke", invoke]),
      "--",
      path,
      ...args,
    ],
    env: env.map((entry) => ENV_PREFIX + entry),
  };
}
