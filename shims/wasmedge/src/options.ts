// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const PAGE_BYTES = 65_536;

/** A proposal that the engine has switched off. */
const enable = (proposal: string): EngineOption => ({
  kind: "switch",
  args: (on) => (on ? [`--enable-${proposal}`] : []),
});

/** What may be set of wasmedge: `wasmedge run --help`. */
export const options: EngineOptions = {
  jit: { kind: "switch", args: (on) => [on ? "--enable-jit" : "--force-interpreter"] },
  gc: enable("gc"),
  exceptions: enable("exception-handling"),
  threads: enable("threads"),
  "tail-call": enable("tail-call"),
  "relaxed-simd": enable("relaxed-simd"),
  "max-memory": {
    kind: "count",
    unit: "bytes of each linear memory",
    minimum: PAGE_BYTES,
    maximum: 2 ** 32,
    args: (bytes) => ["--memory-page-limit", String(Math.floor(bytes / PAGE_BYTES))],
  },
  fuel: {
    kind: "count",
    unit: "units, one an instruction",
    minimum: 1,
    maximum: 2 ** 31,
    args: (units) => ["--gas-limit", String(units)],
  },
  timeout: {
    kind: "count",
    unit: "milliseconds",
    minimum: 1,
    maximum: 2 ** 31,
    args: (milliseconds) => ["--time-limit", String(milliseconds)],
  },
};
