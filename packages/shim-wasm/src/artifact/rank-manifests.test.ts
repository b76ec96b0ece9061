// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { IndexEntry } from "@runwasi/oci";
import { rankManifests } from "./rank-manifests.ts";

function entry(os: string, architecture = "wasm"): IndexEntry {
  return { mediaType: "", digest: `sha256:${os}`, size: 1, platform: { os, architecture } };
}

const MODULES = {};
const COMPONENTS = { componentPackages: [] };
const ALL = [entry("linux", "amd64"), entry("wasi"), entry("wasip2"), entry("wasip1")];

const systems = (entries: readonly IndexEntry[]) => entries.map(({ platform }) => platform?.os);

test("an engine that runs components prefers wasip2, another wasip1", () => {
  expect(systems(rankManifests(ALL, COMPONENTS))).toEqual(["wasip2", "wasi", "wasip1"]);
  expect(systems(rankManifests(ALL, MODULES))).toEqual(["wasip1", "wasi", "wasip2"]);
});

test("what there is of WebAssembly is taken, the first of equals", () => {
  expect(systems(rankManifests([entry("wasi")], COMPONENTS))).toEqual(["wasi"]);
  expect(systems(rankManifests([entry("wasip2")], MODULES))).toEqual(["wasip2"]);
  const twin = { ...entry("wasip1"), digest: "sha256:twin" };
  expect(rankManifests([entry("wasip1"), twin], MODULES)[0]?.digest).toBe("sha256:wasip1");
});

test("an index without WebAssembly has none", () => {
  const without: IndexEntry = { mediaType: "", digest: "sha256:x", size: 1 };
  const foreign = [entry("wasip1", "amd64"), entry("linux"), without];
  expect(rankManifests(foreign, MODULES)).toEqual([]);
  expect(rankManifests([], COMPONENTS)).toEqual([]);
});
