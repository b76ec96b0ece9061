// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeSync } from "node:fs";
import type { Guest } from "@runwasi/containerd-shim-wasm";
import { runWasi, WasiError } from "@runwasi/wasi";

/** What a shell gives for a program that cannot be executed. */
const CANNOT_RUN = 126;
/** Where the preamble of a component differs from a module's: the layer. */
const LAYER_OFFSET = 6;

/** Runs a guest in this process. */
export async function run(guest: Guest): Promise<number> {
  const { path } = guest;
  const bytes = readFileSync(path);
  try {
    if (bytes[LAYER_OFFSET] === 1)
      return await (await import("./run-component.ts")).runComponentGuest(guest, bytes);
    return runModule(guest, bytes);
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    writeSync(2, `cannot run "${path}": ${error.message}\n`);
    return CANNOT_RUN;
  }
}

function runModule({ entry, args, env, preopens }: Guest, module: Uint8Array<ArrayBuffer>): number {
  return runWasi({
    module,
    args,
    env,
    preopens: preopens.map(({ containerPath, guestPath }) => ({ hostPath: containerPath, guestPath })),
    ...(entry.kind === "function" && { invoke: entry.name }),
  });
}
