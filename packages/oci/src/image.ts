// SPDX-License-Identifier: Apache-2.0
import { createJsonBlob, type Blob } from "./blob.ts";
import { MANIFEST_TYPE, type LayoutImage, type Platform } from "./layout-archive.ts";

/** The part of the image configuration that containerd turns into the container's process. */
export interface ImageProcess {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const IMAGE_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
/** Of an uncompressed rootfs layer, whose digest is its diff ID too. */
export const ROOTFS_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
/** Fixed, so that the same files give the same digests on every machine. */
export const EPOCH = "1970-01-01T00:00:00Z";

/** An image of layers that are made already; those that are no rootfs layers are left out of its rootfs. */
export interface LayeredImage extends Pick<LayoutImage, "names"> {
  readonly platform: Platform;
  readonly process: ImageProcess;
  readonly layers: readonly Blob[];
  /** RFC 3339; 1970 when left out. */
  readonly created?: string;
  readonly author?: string | undefined;
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Makes configuration and manifest of an image (https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md). */
export function createImage(image: LayeredImage): LayoutImage {
  const created = image.created ?? EPOCH;
  // Each diff ID is that of a snapshot which containerd makes: layers that are not unpacked have none.
  const rootfs = image.layers.filter(({ descriptor }) => descriptor.mediaType === ROOTFS_LAYER_TYPE);
  const config = createJsonBlob(IMAGE_CONFIG_TYPE, {
    created,
    author: image.author,
    ...image.platform,
    config: processConfig(image.process),
    rootfs: { type: "layers", diff_ids: rootfs.map((layer) => layer.descriptor.digest) },
    history: rootfs.map(() => ({ created, created_by: "runwasi image layout" })),
  });
  return createManifest({ ...image, config });
}

/** What `createManifest` puts together. */
export interface ManifestParts extends Pick<LayoutImage, "names" | "platform"> {
  readonly config: Blob;
  readonly layers: readonly Blob[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Makes the manifest of an image or artifact (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md). */
export function createManifest({ config, layers, annotations, platform, names }: ManifestParts): LayoutImage {
  const manifest = createJsonBlob(MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: config.descriptor,
    layers: layers.map((layer) => layer.descriptor),
    annotations,
  });
  return { manifest, blobs: [...layers, config], names, ...(platform === undefined ? {} : { platform }) };
}

/** Names of https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md; absent members are left out. */
function processConfig(process: ImageProcess): Record<string, unknown> {
  return {
    Entrypoint: process.entrypoint,
    Cmd: process.cmd,
    Env: process.env,
    WorkingDir: process.workingDir,
    User: process.user,
    Labels: process.labels,
  };
}
