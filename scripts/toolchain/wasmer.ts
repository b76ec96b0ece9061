// SPDX-License-Identifier: Apache-2.0
import { ensureCached } from "./cache.ts";
import { cargoInstall } from "./cargo.ts";

/** The newest release that Rust 1.95 takes. */
const WASMER_VERSION = "7.4.2";

/** `wasmer run` and `wasmer compile`, and no more: the rest pulls in journals, a package writer and test runners. */
const FEATURES = "sys,wat,cranelift,compiler";

/** Answers the folder of the `wasmer` executable, building it first where the cache lacks it (20 minutes on 2 cores). */
export function ensureWasmer(): Promise<string> {
  return ensureCached({
    name: `wasmer-${WASMER_VERSION}`,
    executables: ["wasmer"],
    build: (folder) =>
      cargoInstall(folder, {
        args: ["--version", WASMER_VERSION, "--no-default-features", "--features", FEATURES, "wasmer-cli"],
      }),
  });
}
