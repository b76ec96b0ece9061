// SPDX-License-Identifier: Apache-2.0
export { type Blob, createBlob, createJsonBlob, type Descriptor } from "./blob.ts";
export {
  createImage,
  createManifest,
  EPOCH,
  type ImageProcess,
  type LayeredImage,
  type ManifestParts,
  ROOTFS_LAYER_TYPE,
} from "./image.ts";
export { type ImageIndex, type ImageManifest, type IndexEntry, parseManifest } from "./image-manifest.ts";
export { encodeImageLayout, type ImageDescription } from "./image-layout.ts";
export { encodeTar, type TarEntry } from "./image-layout-tar.ts";
export {
  MalformedError,
  isObject,
  isString,
  isStringArray,
  isStringMap,
  parseJsonObject,
  type JsonObject,
} from "./json.ts";
export {
  encodeLayoutArchive,
  MANIFEST_TYPE,
  type LayoutImage,
  type LayoutName,
  type Platform,
} from "./layout-archive.ts";
export {
  parseAnnotations,
  parseRuntimeSpec,
  parseSpecProcess,
  type RuntimeSpec,
  type SpecLinux,
  type SpecMount,
  type SpecNamespace,
  type SpecProcess,
} from "./runtime-spec.ts";
