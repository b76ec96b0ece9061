// SPDX-License-Identifier: Apache-2.0
import { createBlob, createImage, type Blob, type LayoutImage } from "@runwasi/oci";
import { BuildError } from "./build-error.ts";
import { DEFAULT_PLATFORM, TITLE, type ImageOptions, type OtherLayer } from "./image-options.ts";
import { createRootfsLayer } from "./rootfs-image.ts";
import { assertDistinct, checkTitle } from "./title.ts";

/** Types of Wasm layers that shims know, the first being what most of them take for modules and components alike. */
export const WASM_LAYER_TYPES = [
  "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
  "application/vnd.wasm.content.layer.v1+wasm",
  "application/wasm",
] as const;
export type WasmLayerType = (typeof WASM_LAYER_TYPES)[number];

/** By this label the Rust project containerd/runwasi keeps two images without a rootfs from having one configuration. */
const UNIQUE_LABEL = "containerd.runwasi.layers";

/** What goes into an image whose layers are Wasm. */
export interface LayersImageOptions extends ImageOptions {
  readonly layers?: readonly OtherLayer[];
  readonly wasmType?: WasmLayerType;
}

/**
 * Makes the older format: an ordinary image configuration, with an entrypoint and environment, over layers that are Wasm
 * binaries, told apart by title. Files, if any, are a rootfs layer below them.
 *
 * @throws BuildError "input" for no program, or titles that are none or there twice.
 */
export function createLayersImage(options: LayersImageOptions): LayoutImage {
  const { programs, files = [], layers: others = [], wasmType = WASM_LAYER_TYPES[0] } = options;
  const [first] = programs;
  if (first === undefined) throw new BuildError("input", "cannot make an image of no module");
  assertDistinct([...programs, ...others].map(({ title }) => title));
  const layers = [
    ...(files.length === 0 ? [] : [createRootfsLayer(files)]),
    ...programs.map(({ program, title }) => titledBlob(wasmType, program.bytes, title)),
    ...others.map(({ mediaType, content, title }) => titledBlob(mediaType, content, title)),
  ];
  const { process = {} } = options;
  return createImage({
    ...options,
    names: options.names ?? [],
    platform: options.platform ?? DEFAULT_PLATFORM,
    process: {
      ...process,
      entrypoint: process.entrypoint ?? [first.title],
      labels: { ...process.labels, [UNIQUE_LABEL]: uniqueLabel(layers) },
    },
    layers,
  });
}

function titledBlob(mediaType: string, content: Uint8Array, title: string): Blob {
  return createBlob(mediaType, content, { [TITLE]: checkTitle(title) });
}

function uniqueLabel(layers: readonly Blob[]): string {
  const digests = layers.map(({ descriptor }) => descriptor.digest.slice("sha256:".length));
  return new Bun.CryptoHasher("sha256").update(digests.join("")).digest("hex");
}
