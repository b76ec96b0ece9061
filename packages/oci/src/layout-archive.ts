// SPDX-License-Identifier: Apache-2.0
import type { Blob, Descriptor } from "./blob.ts";
import { encodeTar, type TarEntry } from "./image-layout-tar.ts";

/** A platform as image indexes have it, such as linux/amd64 or wasip1/wasm. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** An image or artifact of a layout: its manifest, and every blob that the manifest names. */
export interface LayoutImage {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
  /** What the index says it is for, by which a reader of several images chooses. */
  readonly platform?: Platform;
  /** The index has an entry for each, or one without annotations when there is none. */
  readonly names: readonly LayoutName[];
}

/** The names of one entry of the index. */
export interface LayoutName {
  /** `org.opencontainers.image.ref.name`, by which most tools choose an entry: a tag as a rule. */
  readonly refName: string;
  /** `io.containerd.image.name`: the full reference under which containerd and its relatives import it. */
  readonly fullName: string;
}

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

/**
 * Writes images as one OCI image layout in a tar archive
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md). A blob that several have is there once.
 * Equal input gives equal bytes.
 */
export function encodeLayoutArchive(images: readonly LayoutImage[]): Uint8Array<ArrayBuffer> {
  const blobs = new Map<string, Blob>();
  for (const { blobs: own, manifest } of images) {
    for (const blob of [...own, manifest]) blobs.set(blob.descriptor.digest, blob);
  }
  const index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: images.flatMap(indexEntries) };
  return encodeTar([
    { kind: "file", path: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    { kind: "file", path: "index.json", content: JSON.stringify(index) },
    { kind: "folder", path: "blobs" },
    { kind: "folder", path: "blobs/sha256" },
    ...blobs.values().map(blobEntry),
  ]);
}

function indexEntries(image: LayoutImage): readonly Descriptor[] {
  const { platform } = image;
  const entry = { ...image.manifest.descriptor, ...(platform === undefined ? {} : { platform }) };
  if (image.names.length === 0) return [entry];
  return image.names.map(({ refName, fullName }) => ({
    ...entry,
    annotations: { "io.containerd.image.name": fullName, "org.opencontainers.image.ref.name": refName },
  }));
}

function blobEntry({ descriptor, content }: Blob): TarEntry {
  return { kind: "file", path: `blobs/${descriptor.digest.replace(":", "/")}`, content };
}
