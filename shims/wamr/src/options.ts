// SPDX-License-Identifier: Apache-2.0
import type { EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;

/** What may be set of iwasm. */
export const options: EngineOptions = {
  threads: {
    kind: "count",
    unit: "threads of a guest at most",
    minimum: 1,
    maximum: 1024,
    args: (count) => [`--max-threads=${count}`],
  },
  "max-stack": {
    kind: "count",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`--stack-size=${bytes}`],
  },
  "inherit-network": { kind: "switch", args: (on) => (on ? ["--addr-pool=0.0.0.0/0,::/0"] : []) },
  "ip-name-lookup": { kind: "switch", args: (on) => (on ? ["--allow-resolve=*"] : []) },
};
