// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { createBlob, createJsonBlob } from "./blob.ts";
import { createImage, createManifest, ROOTFS_LAYER_TYPE } from "./image.ts";
import { encodeLayoutArchive } from "./layout-archive.ts";

const layer = createBlob("application/wasm", Uint8Array.of(1, 2, 3), { title: "a.wasm" });
const rootfs = createBlob(ROOTFS_LAYER_TYPE, new Uint8Array(1024));
const config = createJsonBlob("application/x.config+json", { a: 1 });
const platform = { os: "wasip1", architecture: "wasm" };

async function indexOf(archive: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const files = await new Bun.Archive(archive).files();
  return JSON.parse((await files.get("index.json")?.text()) ?? "");
}

test("the index has an entry for each name of an image, and one for an image without", async () => {
  const names = [
    { refName: "1", fullName: "example.org/a:1" },
    { refName: "latest", fullName: "example.org/a:latest" },
  ];
  const named = createManifest({ config, layers: [layer], platform, names });
  const unnamed = createManifest({ config, layers: [layer, layer], names: [] });
  expect(await indexOf(encodeLayoutArchive([named, unnamed]))).toEqual({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [
      ...names.map(({ refName, fullName }) => ({
        ...named.manifest.descriptor,
        platform,
        annotations: {
          "io.containerd.image.name": fullName,
          "org.opencontainers.image.ref.name": refName,
        },
      })),
      unnamed.manifest.descriptor,
    ],
  });
});

test("a blob that two images have is there once", async () => {
  const images = [[layer], [layer, layer]].map((layers) => createManifest({ config, layers, names: [] }));
  const files = await new Bun.Archive(encodeLayoutArchive(images)).files();
  expect([...files.keys()].filter((path) => path.startsWith("blobs/"))).toHaveLength(4);
});

test("only what is unpacked has a diff ID", () => {
  const { blobs, manifest } = createImage({ platform, process: {}, layers: [layer, rootfs], names: [] });
  const parse = (content: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(content));
  expect(parse(blobs.at(-1)?.content)).toMatchObject({
    created: "1970-01-01T00:00:00Z",
    rootfs: { type: "layers", diff_ids: [rootfs.descriptor.digest] },
  });
  expect(parse(manifest.content)).toMatchObject({
    layers: [{ mediaType: "application/wasm", annotations: { title: "a.wasm" } }, { size: 1024 }],
  });
});
