// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, ensureCached } from "./cache.ts";
import { runInstaller } from "./command.ts";

/** The newest release that Rust 1.95 takes. */
const WASMTIME_VERSION = "48.0.8";

/** Answers the folder of the `wasmtime` executable, building it first where the cache lacks it (10 minutes on 2 cores). */
export function ensureWasmtime(): Promise<string> {
  return ensureCached({
    name: `wasmtime-${WASMTIME_VERSION}`,
    executables: ["wasmtime"],
    build: cargoInstall,
  });
}

async function cargoInstall(folder: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const target = await mkdtemp(join(tmpdir(), "runwasi-wasmtime-"));
  stack.defer(() => rm(target, { recursive: true, force: true }));
  await runInstaller(
    ["cargo", "install", "--locked", "--version", WASMTIME_VERSION, "--root", folder, "wasmtime-cli"],
    { CARGO_TARGET_DIR: target },
  );
}

/** Where `ensureWasmtime` puts the executable; says nothing of whether it is there. */
export function wasmtimeBin(): string {
  return join(cacheFolder(), `wasmtime-${WASMTIME_VERSION}`, "bin");
}
