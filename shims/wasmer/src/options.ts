// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;

/** A proposal that the engine has switched off. */
const enable = (proposal: string): EngineOption => ({
  kind: "switch",
  args: (on) => (on ? [`--enable-${proposal}`] : []),
});

/** What may be set of wasmer: `wasmer run --help`. */
export const options: EngineOptions = {
  threads: { kind: "switch", args: (on) => (on ? [] : ["--disable-threads"]) },
  "tail-call": enable("tail-call"),
  memory64: enable("memory64"),
  exceptions: enable("exceptions"),
  "relaxed-simd": enable("relaxed-simd"),
  "max-stack": {
    kind: "count",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`--stack-size=${bytes}`],
  },
  "inherit-network": { kind: "switch", args: (on) => (on ? ["--net"] : []) },
  coredump: { kind: "file", args: (path) => [`--COREDUMP_PATH=${path}`] },
};
