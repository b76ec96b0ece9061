// SPDX-License-Identifier: Apache-2.0
import { createBlob } from "./blob.ts";
import { encodeTar, type TarEntry } from "./image-layout-tar.ts";
import { createImage, ROOTFS_LAYER_TYPE, type ImageProcess } from "./image.ts";
import { encodeLayoutArchive, type LayoutImage, type Platform } from "./layout-archive.ts";

/** What to put into one image: its platform, the process it runs and the files of its rootfs. */
export interface ImageDescription {
  /** The full reference under which containerd lists the image, such as "example.org/hello:latest". */
  readonly name: string;
  readonly platform: Platform;
  readonly config: ImageProcess;
  /** One rootfs layer for each list of files, lowest first. */
  readonly layers: readonly (readonly TarEntry[])[];
}

/**
 * Writes images as one OCI image layout in a tar archive, the form `ctr image import` takes. Equal input gives equal
 * bytes.
 */
export function encodeImageLayout(images: readonly ImageDescription[]): Uint8Array<ArrayBuffer> {
  return encodeLayoutArchive(images.map(describeImage));
}

function describeImage(image: ImageDescription): LayoutImage {
  const layers = image.layers.map((files) => createBlob(ROOTFS_LAYER_TYPE, encodeTar(files)));
  const { name, platform } = image;
  return createImage({ platform, process: image.config, layers, names: [{ refName: name, fullName: name }] });
}
