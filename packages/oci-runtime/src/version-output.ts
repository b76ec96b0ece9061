// SPDX-License-Identifier: Apache-2.0
import { cachedByIdentity } from "./cached-by-identity.ts";
import type { Spawn } from "./run-runtime.ts";

export interface VersionQuestion {
  /** Where the answer is kept under `<name>-<identity of the executable>`: asking costs a process. */
  readonly folder: string;
  readonly name: string;
  readonly spawn: Spawn;
  /** The whole environment. */
  readonly env?: Record<string, string>;
}

/** What an executable prints to stdout for `--version`. One that fails is asked again the next time. */
export function versionOutput(
  executable: string,
  { folder, name, spawn, env = {} }: VersionQuestion,
): Promise<string> {
  return cachedByIdentity(executable, {
    folder,
    name,
    parse(text) {
      const kept: unknown = JSON.parse(text);
      return typeof kept === "string" ? kept : undefined;
    },
    async compute() {
      const child = spawn([executable, "--version"], { stdio: ["ignore", "pipe", "ignore"], env, cwd: "/" });
      const found = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
      return { found, isFinal: (await child.exited) === 0 };
    },
  });
}
