// SPDX-License-Identifier: Apache-2.0
import type { IndexEntry } from "@runwasi/oci";
import type { Engine } from "../engine.ts";

/** `os` of Wasm images, the best first for an engine that runs components. */
const WITH_COMPONENTS: readonly string[] = ["wasip2", "wasi", "wasip1"];
const MODULES_ONLY: readonly string[] = ["wasip1", "wasi", "wasip2"];

/** The manifest of an index that is for this engine; undefined where the index has none for WebAssembly. */
export function chooseManifest(
  manifests: readonly IndexEntry[],
  { componentPackages }: Pick<Engine, "componentPackages">,
): IndexEntry | undefined {
  const order = componentPackages === undefined ? MODULES_ONLY : WITH_COMPONENTS;
  const rank = ({ platform }: IndexEntry) => order.indexOf(platform?.os ?? "");
  return manifests
    .filter((entry) => entry.platform?.architecture === "wasm" && rank(entry) >= 0)
    .sort((a, b) => rank(a) - rank(b))[0];
}
