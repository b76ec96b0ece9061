// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;
/** What an engine's stack has above the guest's, for host calls. */
const HOST_STACK_BYTES = MIB;

/** `-<group> <key>=y|n` */
const flag = (group: "O" | "S" | "W", key: string): EngineOption => ({
  kind: "switch",
  args: (on) => [`-${group}${key}=${on ? "y" : "n"}`],
});

/** What may be set of wasmtime: `wasmtime run -O help`, `-W help`, `-S help`. */
export const options: EngineOptions = {
  "opt-level": { kind: "choice", values: ["0", "1", "2", "s"], args: (level) => [`-Oopt-level=${level}`] },
  gc: flag("W", "gc"),
  exceptions: flag("W", "exceptions"),
  threads: flag("W", "threads"),
  "tail-call": flag("W", "tail-call"),
  memory64: flag("W", "memory64"),
  "component-model-async": flag("W", "component-model-async"),
  pooling: flag("O", "pooling-allocator"),
  "max-memory": {
    kind: "count",
    unit: "bytes of each linear memory",
    minimum: 0,
    maximum: 2 ** 48,
    args: (bytes) => [`-Wmax-memory-size=${bytes}`],
  },
  "max-stack": {
    kind: "count",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`-Wmax-wasm-stack=${bytes}`, `-Wasync-stack-size=${bytes + HOST_STACK_BYTES}`],
  },
  fuel: {
    kind: "count",
    unit: "units, about one an instruction",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    args: (units) => [`-Wfuel=${units}`],
  },
  timeout: {
    kind: "count",
    unit: "milliseconds, of each request where HTTP is served",
    minimum: 1,
    maximum: 2 ** 40,
    args: (milliseconds) => [`-Wtimeout=${milliseconds}ms`],
  },
  "http-instance-reuse": {
    kind: "count",
    unit: "requests that an instance answers before the next is made; 1 isolates them",
    minimum: 1,
    maximum: 2 ** 31,
  },
  "inherit-network": flag("S", "inherit-network"),
  "ip-name-lookup": flag("S", "allow-ip-name-lookup"),
  tcp: flag("S", "tcp"),
  udp: flag("S", "udp"),
  profile: { kind: "file", args: (path) => [`--profile=guest,${path}`] },
  coredump: { kind: "file", args: (path) => [`-Dcoredump=${path}`] },
};
