// SPDX-License-Identifier: Apache-2.0
import {
  createBlob,
  createImage,
  createJsonBlob,
  encodeTar,
  ROOTFS_LAYER_TYPE,
  type Blob,
  type Platform,
} from "@runwasi/oci";
import { ociArchitecture } from "../harness/images.ts";
import type { StandInImage } from "./stand-in-images.ts";

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

/** Puts an image with its index into the registry at `host`, which speaks plain HTTP. */
export async function pushImage(host: string, image: StandInImage): Promise<void> {
  const { repository, tag } = image;
  // The label tells apart images of the same files: the suite expects of some that they were never pulled.
  const process = { env: [PATH], cmd: ["sh"], labels: { repository, tag } };
  const images = image.platforms.map((platform) => {
    const layers = layersFor(platform, image).map((files) => createBlob(ROOTFS_LAYER_TYPE, encodeTar(files)));
    return createImage({ platform, layers, names: [], process });
  });
  const index = createJsonBlob(INDEX_TYPE, {
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: images.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform })),
  });
  const base = `http://${host}/v2/${repository}`;
  const blobs = new Map(images.flatMap((one) => one.blobs.map((blob) => [blob.descriptor.digest, blob])));
  for (const blob of blobs.values()) await pushBlob(base, blob);
  for (const { manifest } of images) await pushManifest(base, manifest.descriptor.digest, manifest);
  await pushManifest(base, tag, index);
}

/** What never runs here is little, and in no other image: the suite looks for what was not pulled. */
function layersFor({ os, architecture }: Platform, image: StandInImage): StandInImage["layers"] {
  if (os === "linux" && architecture === ociArchitecture()) return image.layers;
  const content = `${image.repository}:${image.tag} for ${os}/${architecture}\n`;
  return [[{ kind: "file", path: "platform", content }]];
}

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Upload in one piece: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs */
async function pushBlob(base: string, { descriptor, content }: Blob): Promise<void> {
  const begun = await expectStatus(202, await fetch(`${base}/blobs/uploads/`, { method: "POST" }));
  const location = new URL(begun.headers.get("location") ?? "", base);
  location.searchParams.set("digest", descriptor.digest);
  const headers = { "content-type": "application/octet-stream" };
  await expectStatus(201, await fetch(location, { method: "PUT", headers, body: content }));
}

async function pushManifest(base: string, reference: string, { descriptor, content }: Blob): Promise<void> {
  const headers = { "content-type": descriptor.mediaType };
  await expectStatus(
    201,
    await fetch(`${base}/manifests/${reference}`, { method: "PUT", headers, body: content }),
  );
}

async function expectStatus(status: number, response: Response): Promise<Response> {
  if (response.status === status) return response;
  throw new Error(`cannot push to ${response.url}: status ${response.status}, ${await response.text()}`);
}
