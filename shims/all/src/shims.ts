// SPDX-License-Identifier: Apache-2.0
import type { Engine } from "@runwasi/containerd-shim-wasm";
import { jsc } from "@runwasi/shim-jsc";
import { wamr } from "@runwasi/shim-wamr";
import { wasmedge } from "@runwasi/shim-wasmedge";
import { wasmer } from "@runwasi/shim-wasmer";
import { wasmtime } from "@runwasi/shim-wasmtime";

/** The engines whose shims are in the one executable. */
export const engines: readonly Engine[] = [jsc, wasmtime, wasmedge, wasmer, wamr];
