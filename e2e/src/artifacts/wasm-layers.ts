// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createBlob,
  createImage,
  createJsonBlob,
  createManifest,
  encodeLayoutArchive,
  type Blob,
  type ImageProcess,
  type LayoutImage,
  type Platform,
} from "@runwasi/oci";
import { testModule } from "@runwasi/test-modules";
import type { Containerd } from "../harness/containerd.ts";
import { imageName } from "../harness/images.ts";

export const WASM_CONFIG = "application/vnd.wasm.config.v0+json";
export const WASM_LAYER = "application/wasm";

/** A layer of these bytes under a title, such as `hello.wasm`; without one where it is undefined. */
export function layerOf(
  content: Uint8Array,
  title: string | undefined,
  mediaType: string = WASM_LAYER,
): Blob {
  return createBlob(
    mediaType,
    content,
    title === undefined ? undefined : { "org.opencontainers.image.title": title },
  );
}

/** A test module as a layer, under `<name>.wasm`. */
export async function moduleLayer(name: string, mediaType: string = WASM_LAYER): Promise<Blob> {
  return layerOf(await testModule(name), `${name}.wasm`, mediaType);
}

/** What of an image of layers differs from the usual. */
export interface LayersOptions {
  readonly platform?: Platform;
  readonly process?: ImageProcess;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image with an image configuration, whose layers are Wasm. */
export function layersImage(name: string, layers: readonly Blob[], options: LayersOptions = {}): LayoutImage {
  const { platform = { os: "wasip1", architecture: "wasm" }, process = {}, annotations } = options;
  return createImage({
    names: [{ refName: imageName(name), fullName: imageName(name) }],
    platform,
    process,
    layers,
    ...(annotations === undefined ? {} : { annotations }),
  });
}

/** A Wasm OCI artifact, but for what is wrong with it. */
export function artifactImage(name: string, layers: readonly Blob[], config?: Blob): LayoutImage {
  const described = { created: "1970-01-01T00:00:00Z", architecture: "wasm", os: "wasip1" };
  const digests = layers.map(({ descriptor }) => descriptor.digest);
  return createManifest({
    names: [{ refName: imageName(name), fullName: imageName(name) }],
    config: config ?? createJsonBlob(WASM_CONFIG, { ...described, layerDigests: digests }),
    layers,
  });
}

/** Imports images; 1.7 must not be asked to unpack layers that are no archives. */
export async function importLayout(containerd: Containerd, ...images: readonly LayoutImage[]): Promise<void> {
  const archive = join(containerd.folder, `${containerd.nextId()}.tar`);
  await writeFile(archive, encodeLayoutArchive(images));
  await importArchive(containerd, archive);
  await rm(archive);
}

/** The same of an archive that a tool has made. */
export async function importArchive(containerd: Containerd, archive: string): Promise<void> {
  const flags = ["--all-platforms", ...(containerd.version === "2.4.2" ? [] : ["--no-unpack"])];
  const { exitCode, stderr } = await containerd.ctr(["image", "import", ...flags, archive]);
  if (exitCode !== 0) throw new Error(`cannot import "${archive}": ${stderr}`);
}
