// SPDX-License-Identifier: Apache-2.0
import type { EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;

/** What may be set of iwasm: `iwasm --help`. */
export const options: EngineOptions = {
  threads: {
    kind: "count",
    description: "how many threads a guest may have; 4 by default",
    unit: "threads",
    minimum: 1,
    maximum: 1024,
    args: (count) => [`--max-threads=${count}`],
  },
  "max-stack": {
    kind: "count",
    description: "the guest's stack; 64 KiB by default",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`--stack-size=${bytes}`],
  },
  "inherit-network": {
    kind: "switch",
    description: "the container's network; on by default",
    args: (on) => (on ? ["--addr-pool=0.0.0.0/0,::/0"] : []),
  },
  "ip-name-lookup": {
    kind: "switch",
    description: "looking up names; on by default",
    args: (on) => (on ? ["--allow-resolve=*"] : []),
  },
};
