// SPDX-License-Identifier: Apache-2.0
import { isAtLeast, optionArguments, type Precompiler } from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";

/** The first release whose `run` takes compiled code by another option: https://github.com/WasmEdge/WasmEdge/releases */
const OTHER_COMMAND_LINE = "0.17.0";

/** Of the engine's options, those that are the compiler's, too. */
const PROPOSALS = ["threads", "tail-call", "relaxed-simd"];

/**
 * `wasmedge compile` into a shared object, which the engine maps; what it makes by the name of a .wasm, it copies. LLVM does
 * it: 1.5 s for a megabyte of Wasm without optimisation, 9 s with.
 * @see https://wasmedge.org/docs/start/build-and-run/aot
 */
export const precompiler: Precompiler = {
  formats: ["module"],
  nativeSections: ["wasmedge"],
  command({ options: set }, { module, output, version }) {
    // It does not compile garbage collection, and has no option for exceptions.
    if (set.get("gc") === true || set.get("exceptions") === true) return undefined;
    if (isAtLeast(version, OTHER_COMMAND_LINE)) return undefined;
    const proposals = Object.fromEntries(
      Object.entries(options).filter(([name]) => PROPOSALS.includes(name)),
    );
    return {
      args: [
        "compile",
        "--optimize",
        String(set.get("opt-level") ?? "0"),
        ...optionArguments(proposals, set),
        ...(set.has("fuel") ? ["--enable-gas-measuring"] : []),
        ...(set.has("timeout") ? ["--interruptible"] : []),
        "--",
        module,
        output,
      ],
      env: [],
    };
  },
};
