// SPDX-License-Identifier: Apache-2.0
import { optionArguments, type Precompiler } from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";

/** Of the engine's options, those that are the compiler's, too. */
const COMPILED: readonly string[] = [
  "opt-level",
  "gc",
  "exceptions",
  "threads",
  "tail-call",
  "memory64",
  "component-model-async",
];

/**
 * `wasmtime compile`. Its `run` refuses code that was compiled otherwise than its own options say.
 * @see https://docs.wasmtime.dev/examples-pre-compiling-wasm.html
 */
export const precompiler: Precompiler = {
  formats: ["module", "component"],
  command({ options: set }, { module, output }) {
    const compiled = Object.fromEntries(Object.entries(options).filter(([name]) => COMPILED.includes(name)));
    return {
      args: [
        "compile",
        "-Ccache=n",
        ...optionArguments(compiled, set),
        // That it is counted is compiled in, not how much there is.
        ...(set.has("fuel") ? ["-Wfuel=1"] : []),
        ...(set.has("timeout") || set.has("profile") ? ["-Wepoch-interruption=y"] : []),
        `--output=${output}`,
        module,
      ],
      env: [],
    };
  },
};
