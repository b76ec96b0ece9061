// SPDX-License-Identifier: Apache-2.0
import { runWasmShims } from "@runwasi/containerd-shim-wasm";
import { version } from "../package.json";
import { engines } from "./shims.ts";

await runWasmShims(engines, version);
