// SPDX-License-Identifier: Apache-2.0
import type { Descriptor } from "./blob.ts";
import {
  isObject,
  isObjectArray,
  isString,
  isStringMap,
  MalformedError,
  member,
  parseJsonObject,
  type JsonObject,
} from "./json.ts";
import type { Platform } from "./layout-archive.ts";

/** The manifest of an image or artifact: https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md */
export interface ImageManifest {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** An index of manifests: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface ImageIndex {
  readonly kind: "index";
  readonly manifests: readonly IndexEntry[];
}

/** One entry of an index. */
export interface IndexEntry extends Descriptor {
  readonly platform?: Platform;
}

/** Docker's media types are older names of the same JSON. */
const MANIFEST_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
]);
const INDEX_TYPES: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

/** Of the algorithms that the specification names, the one that registries and containerd use. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Parses the manifest or index that a descriptor of `mediaType` names.
 *
 * @throws MalformedError naming the member, or the media type where it is of neither.
 */
export function parseManifest(text: string, mediaType: string): ImageManifest | ImageIndex {
  if (MANIFEST_TYPES.has(mediaType)) {
    const manifest = parseJsonObject(text, "the manifest");
    return {
      kind: "manifest",
      config: descriptorMember(manifest, "config"),
      layers: (member(manifest, "layers", isObjectArray, "a list of descriptors") ?? []).map(parseDescriptor),
      annotations: member(manifest, "annotations", isStringMap, "a map of strings") ?? {},
    };
  }
  if (INDEX_TYPES.has(mediaType)) {
    const index = parseJsonObject(text, "the index");
    const manifests = member(index, "manifests", isObjectArray, "a list of descriptors") ?? [];
    return { kind: "index", manifests: manifests.map(parseIndexEntry) };
  }
  throw new MalformedError(`"${mediaType}" is the media type of neither a manifest nor an index`);
}

function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

function descriptorMember(object: JsonObject, name: string): Descriptor {
  const value = member(object, name, isObject, "a descriptor");
  if (value === undefined) throw new MalformedError(`"${name}" is missing`);
  return parseDescriptor(value);
}

function parseDescriptor(value: JsonObject): Descriptor {
  const mediaType = member(value, "mediaType", isString, "a string") ?? "";
  const digest = member(value, "digest", isString, "a string") ?? "";
  if (!isDigest(digest)) throw new MalformedError(`"digest" is no digest: ${JSON.stringify(digest)}`);
  const size = member(value, "size", isSize, "a number of bytes");
  if (size === undefined) throw new MalformedError('"size" is missing');
  const annotations = member(value, "annotations", isStringMap, "a map of strings");
  return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}

function parseIndexEntry(value: JsonObject): IndexEntry {
  const platform = member(value, "platform", isObject, "a platform");
  return {
    ...parseDescriptor(value),
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
  };
}

function parsePlatform(value: JsonObject): Platform {
  const variant = member(value, "variant", isString, "a string");
  return {
    os: member(value, "os", isString, "a string") ?? "",
    architecture: member(value, "architecture", isString, "a string") ?? "",
    ...(variant === undefined ? {} : { variant }),
  };
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}
