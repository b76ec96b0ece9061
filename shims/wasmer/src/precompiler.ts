// SPDX-License-Identifier: Apache-2.0
import { optionArguments, type Precompiler } from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";

/** Of the engine's options, those that are the compiler's, too. */
const PROPOSALS: readonly string[] = ["threads", "tail-call", "memory64", "exceptions", "relaxed-simd"];

/**
 * `wasmer compile`. Its `run` takes what it makes without an option, known by its first bytes: a guest's file with these is
 * no WebAssembly to the library, and never reaches the engine.
 * @see https://docs.wasmer.io/runtime/cli
 */
export const precompiler: Precompiler = {
  formats: ["module"],
  command({ options: set }, { module, output, engineFolder }) {
    const proposals = Object.fromEntries(
      Object.entries(options).filter(([name]) => PROPOSALS.includes(name)),
    );
    return {
      args: ["compile", "--quiet", ...optionArguments(proposals, set), "-o", output, module],
      env: [`WASMER_DIR=${engineFolder}`],
    };
  },
};
