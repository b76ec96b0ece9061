// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeSync } from "node:fs";
import type { Guest } from "@runwasi/containerd-shim-wasm";
import { runWasi, WasiError } from "@runwasi/wasi";

/** What a shell gives for a program that cannot be executed. */
const CANNOT_RUN = 126;

/** Runs a guest in this process. */
export function run({ path, entry, args, env, preopens }: Guest): number {
  try {
    return runWasi({
      module: readFileSync(path),
      args,
      env,
      preopens: preopens.map(({ containerPath, guestPath }) => ({ hostPath: containerPath, guestPath })),
      ...(entry.kind === "function" && { invoke: entry.name }),
    });
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    writeSync(2, `cannot run "${path}": ${error.message}\n`);
    return CANNOT_RUN;
  }
}
