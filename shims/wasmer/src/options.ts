// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;

/** A proposal that the engine has switched off. */
const enable = (option: string, proposal: string): EngineOption => ({
  kind: "switch",
  description: `the ${proposal} proposal; off by default`,
  args: (on) => (on ? [`--enable-${option}`] : []),
});

/** What may be set of wasmer: `wasmer run --help`. */
export const options: EngineOptions = {
  threads: {
    kind: "switch",
    description: "threads; on by default",
    args: (on) => (on ? [] : ["--disable-threads"]),
  },
  "tail-call": enable("tail-call", "tail call"),
  memory64: enable("memory64", "memory64"),
  exceptions: enable("exceptions", "exception handling"),
  "relaxed-simd": enable("relaxed-simd", "relaxed SIMD"),
  "max-stack": {
    kind: "count",
    description: "the guest's stack",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`--stack-size=${bytes}`],
  },
  "inherit-network": {
    kind: "switch",
    description: "the container's network, for WASIX; on by default",
    args: (on) => (on ? ["--net"] : []),
  },
  coredump: {
    kind: "file",
    description: "where a core dump of a guest that trapped is written",
    args: (path) => [`--COREDUMP_PATH=${path}`],
  },
};
