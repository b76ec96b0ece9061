// SPDX-License-Identifier: Apache-2.0
import type { EngineModule } from "@runwasi/containerd-shim-wasm";

/** The engines whose shims are in the one executable. */
export const engines: readonly EngineModule[] = [
  { name: "jsc", load: async () => (await import("@runwasi/shim-jsc")).jsc },
  { name: "wasmtime", load: async () => (await import("@runwasi/shim-wasmtime")).wasmtime },
  { name: "wasmedge", load: async () => (await import("@runwasi/shim-wasmedge")).wasmedge },
  { name: "wasmer", load: async () => (await import("@runwasi/shim-wasmer")).wasmer },
  { name: "wamr", load: async () => (await import("@runwasi/shim-wamr")).wamr },
];
