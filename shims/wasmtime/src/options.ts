// SPDX-License-Identifier: Apache-2.0
import type { EngineOption, EngineOptions } from "@runwasi/containerd-shim-wasm";

const MIB = 1024 * 1024;
/** What an engine's stack has above the guest's, for host calls. */
const HOST_STACK_BYTES = MIB;

/** `-<group><key>=y|n` */
const flag = (group: "O" | "S" | "W", key: string, description: string): EngineOption => ({
  kind: "switch",
  description,
  args: (on) => [`-${group}${key}=${on ? "y" : "n"}`],
});

/** What may be set of wasmtime: `wasmtime run -O help`, `-W help`, `-S help`. */
export const options: EngineOptions = {
  "opt-level": {
    kind: "choice",
    description: "optimisation of compiled code; `s` for its size, too",
    values: ["0", "1", "2", "s"],
    args: (level) => [`-Oopt-level=${level}`],
  },
  gc: flag("W", "gc", "the garbage collection proposal"),
  exceptions: flag("W", "exceptions", "the exception handling proposal"),
  threads: flag("W", "threads", "the threads proposal: atomics; not wasi-threads, which wasmtime dropped"),
  "tail-call": flag("W", "tail-call", "the tail call proposal"),
  memory64: flag("W", "memory64", "the memory64 proposal"),
  "component-model-async": flag("W", "component-model-async", "the async ABI of components"),
  pooling: flag("O", "pooling-allocator", "instances from a pool that is reserved in advance"),
  "max-memory": {
    kind: "count",
    description: "how far a linear memory may grow",
    unit: "bytes",
    minimum: 0,
    maximum: 2 ** 48,
    args: (bytes) => [`-Wmax-memory-size=${bytes}`],
  },
  "max-stack": {
    kind: "count",
    description: "the guest's stack",
    unit: "bytes",
    minimum: 4096,
    maximum: 256 * MIB,
    args: (bytes) => [`-Wmax-wasm-stack=${bytes}`, `-Wasync-stack-size=${bytes + HOST_STACK_BYTES}`],
  },
  fuel: {
    kind: "count",
    description: "what the guest may execute before it traps, about one unit an instruction",
    unit: "units",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    args: (units) => [`-Wfuel=${units}`],
  },
  timeout: {
    kind: "count",
    description:
      "how long the guest may run before it traps; where HTTP is served, how long a request may take",
    unit: "milliseconds",
    minimum: 1,
    maximum: 2 ** 40,
    args: (milliseconds) => [`-Wtimeout=${milliseconds}ms`],
  },
  "http-instance-reuse": {
    kind: "count",
    description:
      "requests that an instance answers before a fresh one is made; 1, the default, isolates them",
    unit: "requests",
    minimum: 1,
    maximum: 2 ** 31,
  },
  "inherit-network": flag("S", "inherit-network", "the container's network, for components; on by default"),
  "ip-name-lookup": flag("S", "allow-ip-name-lookup", "looking up names, for components; on by default"),
  tcp: flag("S", "tcp", "TCP sockets, for components"),
  udp: flag("S", "udp", "UDP sockets, for components"),
  profile: {
    kind: "file",
    description: "where a profile of the guest is written, for https://profiler.firefox.com",
    args: (path) => [`--profile=guest,${path}`],
  },
  coredump: {
    kind: "file",
    description: "where a core dump of a guest that trapped is written",
    args: (path) => [`-Dcoredump=${path}`],
  },
};
