// SPDX-License-Identifier: Apache-2.0
import { cachedBin, ensureCached } from "./cache.ts";
import { cargoInstall } from "./cargo.ts";

/** The newest release that Rust 1.95 takes. */
const WASMTIME_VERSION = "48.0.8";
const NAME = `wasmtime-${WASMTIME_VERSION}`;

/** Answers the folder of the `wasmtime` executable, building it first where the cache lacks it (10 minutes on 2 cores). */
export function ensureWasmtime(): Promise<string> {
  return ensureCached({
    name: NAME,
    executables: ["wasmtime"],
    build: (folder) => cargoInstall(folder, { args: ["--version", WASMTIME_VERSION, "wasmtime-cli"] }),
  });
}

/** Where `ensureWasmtime` puts the executable; says nothing of whether it is there. */
export function wasmtimeBin(): string {
  return cachedBin(NAME);
}
