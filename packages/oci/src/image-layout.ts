// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { encodeTar, type TarEntry } from "./image-layout-tar.ts";

/** What to put into one image: its platform, the process it runs and the files of its rootfs. */
export interface ImageDescription {
  /** The full reference under which containerd lists the image, such as "example.org/hello:latest". */
  readonly name: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly config: ImageProcess;
  /** One rootfs layer for each list of files, lowest first. */
  readonly layers: readonly (readonly TarEntry[])[];
}

/** The part of the image configuration that containerd turns into the container's process. */
export interface ImageProcess {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface Blob {
  readonly descriptor: Descriptor;
  readonly content: Uint8Array;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";
/** Fixed, so that the same files give the same digests on every machine. */
const CREATED = "1970-01-01T00:00:00Z";

/**
 * Writes images as one OCI image layout in a tar archive, the form `ctr image import` takes
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md). Equal input gives equal bytes.
 */
export function encodeImageLayout(images: readonly ImageDescription[]): Uint8Array<ArrayBuffer> {
  const blobs = new Map<string, Blob>();
  const manifests = images.map((image) => {
    const parts = encodeImage(image);
    for (const part of [...parts.layers, parts.config, parts.manifest])
      blobs.set(part.descriptor.digest, part);
    return {
      ...parts.manifest.descriptor,
      platform: image.platform,
      annotations: {
        "io.containerd.image.name": image.name,
        "org.opencontainers.image.ref.name": image.name,
      },
    };
  });
  return encodeTar([
    { kind: "file", path: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    {
      kind: "file",
      path: "index.json",
      content: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
    },
    { kind: "folder", path: "blobs" },
    { kind: "folder", path: "blobs/sha256" },
    ...blobs.values().map(blobEntry),
  ]);
}

function encodeImage(image: ImageDescription): { layers: Blob[]; config: Blob; manifest: Blob } {
  const layers = image.layers.map((files) => createBlob(LAYER, encodeTar(files)));
  const config = createJsonBlob(CONFIG, {
    created: CREATED,
    ...image.platform,
    config: processConfig(image.config),
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.descriptor.digest) },
    history: layers.map(() => ({ created: CREATED, created_by: "runwasi image layout" })),
  });
  const manifest = createJsonBlob(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: config.descriptor,
    layers: layers.map((layer) => layer.descriptor),
  });
  return { layers, config, manifest };
}

/** Names of https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md; absent members are left out. */
function processConfig(process: ImageProcess): Record<string, unknown> {
  return {
    Entrypoint: process.entrypoint,
    Cmd: process.cmd,
    Env: process.env,
    WorkingDir: process.workingDir,
    User: process.user,
  };
}

function createJsonBlob(mediaType: string, value: unknown): Blob {
  return createBlob(mediaType, new TextEncoder().encode(JSON.stringify(value)));
}

function createBlob(mediaType: string, content: Uint8Array): Blob {
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  return { descriptor: { mediaType, digest, size: content.length }, content };
}

function blobEntry({ descriptor, content }: Blob): TarEntry {
  return { kind: "file", path: `blobs/${descriptor.digest.replace(":", "/")}`, content };
}
