// SPDX-License-Identifier: Apache-2.0
import type { IndexEntry } from "@runwasi/oci";
import type { Engine } from "../engine.ts";

/** `os` of Wasm images, the best first for an engine that runs components. */
const WITH_COMPONENTS: readonly string[] = ["wasip2", "wasi", "wasip1"];
const MODULES_ONLY: readonly string[] = ["wasip1", "wasi", "wasip2"];

/** The manifests of an index that are for WebAssembly, the best for this engine first: a pull may have fetched any of them. */
export function rankManifests(
  manifests: readonly IndexEntry[],
  { componentPackages }: Pick<Engine, "componentPackages">,
): readonly IndexEntry[] {
  const order = componentPackages === undefined ? MODULES_ONLY : WITH_COMPONENTS;
  const rank = ({ platform }: IndexEntry) => order.indexOf(platform?.os ?? "");
  return manifests
    .filter((entry) => entry.platform?.architecture === "wasm" && rank(entry) >= 0)
    .sort((a, b) => rank(a) - rank(b));
}
