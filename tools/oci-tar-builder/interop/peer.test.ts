// SPDX-License-Identifier: Apache-2.0
// The crate oci-tar-builder 0.4.0 and ours given the same: each of its options has an equivalent. Needs `npm run engines`.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { readArchive } from "../src/testing/read-archive.ts";
import { build, run } from "./run.ts";

setDefaultTimeout(60_000);

const folder = await mkdtemp(join(tmpdir(), "oci-tar-builder-"));
beforeAll(async () => {
  await mkdir(join(folder, "components"));
  await writeFile(join(folder, "app.wasm"), await testModule("hello"));
  await writeFile(join(folder, "components/c.wasm"), await testModule("component-hello"));
  await writeFile(join(folder, "notes.txt"), "notes\n");
});
afterAll(() => rm(folder, { recursive: true }));

/** What of an image is the builders' to decide alike: not annotations, times, and the order of members. */
async function essence(archive: string) {
  const { index, manifest, config } = await readArchive(await readFile(join(folder, archive)));
  const { os, architecture, config: process, rootfs } = config;
  return {
    entries: index.manifests.map(({ annotations, platform }) => ({ annotations, platform })),
    layers: manifest.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    configType: manifest.config.mediaType,
    config: { os, architecture, process, rootfs },
  };
}

test("name, repo, tag, module, layer, components and out-path", async () => {
  const peer =
    "--name app --repo example.org/team --tag 1.0 --module app.wasm --layer text/plain=notes.txt " +
    "--components components --out-path peer.tar";
  const ours =
    "--format layers --platform wasip1/wasm --entrypoint app.wasm " +
    "--name example.org/team/app --tag 1.0 --module app.wasm --module components/c.wasm " +
    "--layer text/plain=notes.txt --output ours.tar";
  await run(["oci-tar-builder", ...peer.split(" ")], folder);
  await build(ours.split(" "), folder);
  const [expected, actual] = [await essence("peer.tar"), await essence("ours.tar")];
  // It has other layers between modules and components, over which its label is made; ours has them behind.
  const sorted = (layers: typeof expected.layers) =>
    layers.toSorted((a, b) => a.digest.localeCompare(b.digest));
  expect(sorted(actual.layers)).toEqual(sorted(expected.layers));
  expect({ ...actual, layers: [], config: {} }).toEqual({ ...expected, layers: [], config: {} });
});

test("one module: the configuration is the same to the label", async () => {
  await run("oci-tar-builder -n app -r example.org -t 1 -m app.wasm -o peer1.tar".split(" "), folder);
  await build("-f layers -p wasip1/wasm -n example.org/app:1 -m app.wasm -o ours1.tar".split(" "), folder);
  expect(await essence("ours1.tar")).toEqual(await essence("peer1.tar"));
});
