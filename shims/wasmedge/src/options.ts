// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const PAGE_BYTES = 65_536;

/** A proposal that the engine has switched off. */
const enable = (option: string, proposal: string): EngineOption => ({
  kind: "switch",
  description: `the ${proposal} proposal; off by default`,
  args: (on) => (on ? [`--enable-${option}`] : []),
});

/** What may be set of wasmedge: `wasmedge run --help`. */
export const options: EngineOptions = {
  "opt-level": {
    kind: "choice",
    description:
      "optimisation of code that is compiled ahead of time; 0 by default, 2 takes six times as long",
    values: ["0", "1", "2", "3", "s", "z"],
  },
  gc: enable("gc", "garbage collection"),
  exceptions: enable("exception-handling", "exception handling"),
  threads: enable("threads", "threads (atomics)"),
  "tail-call": enable("tail-call", "tail call"),
  "relaxed-simd": enable("relaxed-simd", "relaxed SIMD"),
  "max-memory": {
    kind: "count",
    description: "how far a linear memory may grow, in pages of 64 KiB",
    unit: "bytes",
    minimum: PAGE_BYTES,
    maximum: 2 ** 32,
    args: (bytes) => ["--memory-page-limit", String(Math.floor(bytes / PAGE_BYTES))],
  },
  fuel: {
    kind: "count",
    description: "what the guest may execute before it traps, one unit an instruction",
    unit: "units",
    minimum: 1,
    maximum: 2 ** 31,
    args: (units) => ["--gas-limit", String(units)],
  },
  timeout: {
    kind: "count",
    description: "how long the guest may run before it is ended",
    unit: "milliseconds",
    minimum: 1,
    maximum: 2 ** 31,
    args: (milliseconds) => ["--time-limit", String(milliseconds)],
  },
};
