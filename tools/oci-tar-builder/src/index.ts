// SPDX-License-Identifier: Apache-2.0
export { encodeLayoutArchive } from "@runwasi/oci";
export { type ArtifactOptions, createArtifact } from "./artifact.ts";
export { BuildError, type BuildErrorKind } from "./build-error.ts";
export { imageNames } from "./image-names.ts";
export type { CommonOptions, ImageOptions, OtherLayer, RootfsFile, TitledProgram } from "./image-options.ts";
export { createLayersImage, type LayersImageOptions, type WasmLayerType } from "./layers-image.ts";
export { createRootfsImage } from "./rootfs-image.ts";
export { parseProgram, type WasmProgram } from "./wasm-program.ts";
