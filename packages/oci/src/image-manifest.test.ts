// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { parseManifest } from "./image-manifest.ts";
import { MalformedError } from "./json.ts";
import { MANIFEST_TYPE } from "./layout-archive.ts";

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const DIGEST = `sha256:${"ab".repeat(32)}`;
const DESCRIPTOR = { mediaType: "application/wasm", digest: DIGEST, size: 7 };
const MANIFEST = { schemaVersion: 2, config: DESCRIPTOR, layers: [DESCRIPTOR] };

const parse = (value: unknown, type: string = MANIFEST_TYPE) => parseManifest(JSON.stringify(value), type);

test("parseManifest() reads a manifest, with and without what may be left out", () => {
  const annotated = { ...DESCRIPTOR, annotations: { a: "b" } };
  expect(parse({ config: annotated, annotations: { c: "d" } })).toEqual({
    kind: "manifest",
    config: annotated,
    layers: [],
    annotations: { c: "d" },
  });
  expect(parse({ ...MANIFEST, annotations: null })).toEqual({
    kind: "manifest",
    config: DESCRIPTOR,
    layers: [DESCRIPTOR],
    annotations: {},
  });
});

test("parseManifest() reads an index and its platforms", () => {
  const platform = { os: "wasip1", architecture: "wasm" };
  expect(parse({ manifests: [{ ...DESCRIPTOR, platform }, DESCRIPTOR] }, INDEX_TYPE)).toEqual({
    kind: "index",
    manifests: [{ ...DESCRIPTOR, platform }, DESCRIPTOR],
  });
  expect(parse({}, INDEX_TYPE)).toEqual({ kind: "index", manifests: [] });
});

test.each([
  ["no object", [], "not a JSON object"],
  ["no config", { layers: [] }, '"config" is missing'],
  ["a digest that leads out", { config: { ...DESCRIPTOR, digest: "sha256:../../etc" } }, "digest"],
  ["a digest too short", { config: { ...DESCRIPTOR, digest: "sha256:ab" } }, "digest"],
  ["an unknown algorithm", { config: { ...DESCRIPTOR, digest: `md5:${"ab".repeat(16)}` } }, "digest"],
  ["a size below zero", { config: { ...DESCRIPTOR, size: -1 } }, "size"],
  ["a size that no file has", { config: { ...DESCRIPTOR, size: 1e300 } }, "size"],
  ["no size", { config: { mediaType: "a/b", digest: DIGEST } }, '"size" is missing'],
  ["layers that are no list", { config: DESCRIPTOR, layers: {} }, "layers"],
  ["annotations that are no strings", { config: DESCRIPTOR, annotations: { a: 1 } }, "annotations"],
])("parseManifest() refuses %s", (_what, value, words) => {
  expect(() => parse(value)).toThrow(MalformedError);
  expect(() => parse(value)).toThrow(words);
});

test("parseManifest() refuses a media type of something else, and JSON cut short at any byte", () => {
  expect(() => parse(MANIFEST, "application/wasm")).toThrow('"application/wasm"');
  const text = JSON.stringify(MANIFEST);
  for (let length = 0; length < text.length; length += 1)
    expect(() => parseManifest(text.slice(0, length), MANIFEST_TYPE)).toThrow(MalformedError);
});
