// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { IndexEntry } from "@runwasi/oci";
import { chooseManifest } from "./choose-manifest.ts";

function entry(os: string, architecture = "wasm"): IndexEntry {
  return { mediaType: "", digest: `sha256:${os}`, size: 1, platform: { os, architecture } };
}

const MODULES = {};
const COMPONENTS = { componentPackages: [] };
const ALL = [entry("linux", "amd64"), entry("wasi"), entry("wasip2"), entry("wasip1")];

test("an engine that runs components prefers wasip2, another wasip1", () => {
  expect(chooseManifest(ALL, COMPONENTS)?.platform?.os).toBe("wasip2");
  expect(chooseManifest(ALL, MODULES)?.platform?.os).toBe("wasip1");
});

test("what there is of WebAssembly is taken, the first of equals", () => {
  expect(chooseManifest([entry("wasi")], COMPONENTS)?.platform?.os).toBe("wasi");
  expect(chooseManifest([entry("wasip2")], MODULES)?.platform?.os).toBe("wasip2");
  const twin = { ...entry("wasip1"), digest: "sha256:twin" };
  expect(chooseManifest([entry("wasip1"), twin], MODULES)?.digest).toBe("sha256:wasip1");
});

test("an index without WebAssembly has none", () => {
  const without: IndexEntry = { mediaType: "", digest: "sha256:x", size: 1 };
  const foreign = [entry("wasip1", "amd64"), entry("linux"), without];
  expect(chooseManifest(foreign, MODULES)).toBeUndefined();
  expect(chooseManifest([], COMPONENTS)).toBeUndefined();
});
