// SPDX-License-Identifier: Apache-2.0
import type { Engine } from "@runwasi/containerd-shim-wasm";
import { jsc } from "@runwasi/shim-jsc";
import { wasmtime } from "@runwasi/shim-wasmtime";

/** The engines whose shims are in the one executable. */
export const engines: readonly Engine[] = [jsc, wasmtime];
