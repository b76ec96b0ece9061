// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync } from "node:fs";
import {
  connectContainerd,
  ContainerdError,
  imageOfContainer,
  type ContainerdClient,
  type ImageRecord,
} from "@runwasi/containerd-client";
import { ShimError, type Code, type InstanceHost, type InstanceRequest } from "@runwasi/containerd-shimkit";
import {
  MalformedError,
  parseJsonObject,
  parseManifest,
  type Descriptor,
  type ImageManifest,
} from "@runwasi/oci";
import type { Engine } from "../engine.ts";
import { inspectFile, type Program } from "../program.ts";
import { chooseLayer, titleOf, type ChosenLayer } from "./choose-layer.ts";
import { rankManifests } from "./rank-manifests.ts";
import { openImageContent, type ImageContent } from "./image-content.ts";
import { isRootfsLayer, WASM_CONFIG_TYPE, WASM_LAYER_TYPES } from "./layer-types.ts";

/** More layers than a Wasm image has reason for, and than container tools take: overlayfs mounts no more than 128. */
const MAX_LAYERS = 128;

/** A container whose program is not among its files. */
export interface ImageProgramRequest {
  readonly engine: ArtifactEngine;
  /** The container's first argument; empty for none. */
  readonly name: string;
  /** Folder of the container in which the module will be mounted. */
  readonly folder: string;
  readonly request: Pick<InstanceRequest, "id" | "namespace">;
  readonly host: Pick<InstanceHost, "containerdAddress" | "stateDir">;
}

/** What an engine says of images. */
type ArtifactEngine = Pick<Engine, "name" | "supportedLayerTypes" | "componentPackages">;

/**
 * The program of a container whose image has WebAssembly in place of a rootfs: a layer, which lies on the host. `undefined`
 * where its image has none, or cannot be asked for: the container may be native.
 *
 * @throws ShimError InvalidArgument for an image whose layers cannot be run, NotFound or FailedPrecondition for content that
 * is not there or is not what the manifest says, Unavailable when containerd does not answer.
 */
export async function imageProgram(asked: ImageProgramRequest): Promise<Program | undefined> {
  const { request, host } = asked;
  using client = connectContainerd({ address: host.containerdAddress, namespace: request.namespace });
  const image = await findImage(client, request.id);
  if (image === undefined) return undefined;
  try {
    const content = await openImageContent(client, image.name, host);
    const manifest = await readManifest(image, content, asked.engine);
    const layers = manifest === undefined ? [] : wasmLayers(manifest, image.name, asked.engine);
    if (manifest === undefined || layers.length === 0) return undefined;
    parseJsonObject(await content.readText(manifest.config), "its configuration");
    return await inspectLayer(chooseLayer(layers, asked.name, image.name), content, asked.folder);
  } catch (error) {
    throw ofImage(image.name, error);
  }
}

// A shim may be asked to run what containerd has no record of, and then finds only what lies in the rootfs.
async function findImage(client: ContainerdClient, id: string): Promise<ImageRecord | undefined> {
  try {
    return await imageOfContainer(client, id);
  } catch (error) {
    const isAbsent = error instanceof ContainerdError && ABSENT.has(error.status);
    if (isAbsent) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(["NOT_FOUND", "UNAVAILABLE", "UNIMPLEMENTED"]);

async function readManifest(
  { target }: ImageRecord,
  content: ImageContent,
  engine: ArtifactEngine,
): Promise<ImageManifest | undefined> {
  const read = async ({ mediaType, digest, size }: Descriptor) =>
    parseManifest(await content.readText({ mediaType, digest, size }), mediaType);
  const root = await read({ ...target, size: Number(target.size) });
  if (root.kind === "manifest") return root;
  const ranked = rankManifests(root.manifests, engine);
  const isThere = await Promise.all(ranked.map((entry) => content.has(entry)));
  const entry = ranked.find((_, index) => isThere[index]) ?? ranked[0];
  if (entry === undefined) return undefined;
  const manifest = await read(entry);
  if (manifest.kind === "index") throw new MalformedError("an index in its index is not looked into");
  return manifest;
}

/** The layers that the engine takes; none for an image with a rootfs. Throws ShimError for one with neither. */
function wasmLayers(
  { config, layers }: ImageManifest,
  image: string,
  { name, supportedLayerTypes = WASM_LAYER_TYPES }: ArtifactEngine,
): readonly Descriptor[] {
  const refuse = (reason: string): never => {
    throw new ShimError("InvalidArgument", `cannot run image "${image}": ${reason}`);
  };
  const wasm = layers.filter(({ mediaType }) => supportedLayerTypes.includes(mediaType));
  const [other] = layers.filter((layer) => !wasm.includes(layer) && !isRootfsLayer(layer.mediaType));
  if (wasm.length === 0 && other !== undefined) {
    const accepted = supportedLayerTypes.join(", ");
    refuse(`it has a layer of type "${other.mediaType}" (${name} takes ${accepted})`);
  }
  if (layers.length > MAX_LAYERS) refuse(`it has ${layers.length} layers (at most ${MAX_LAYERS})`);
  if (config.mediaType === WASM_CONFIG_TYPE && layers.length !== 1)
    refuse(`it has ${layers.length} layers (a Wasm OCI artifact has exactly one)`);
  return wasm;
}

async function inspectLayer(
  { layer, invoke }: ChosenLayer,
  content: ImageContent,
  folder: string,
): Promise<Program> {
  const blob = await content.locate(layer);
  const path = `${folder}/module/${fileNameOf(layer)}`;
  const fd = openSync(blob.path, "r");
  try {
    const program = inspectFile(fd, { path, sizeBytes: layer.size }, invoke);
    if (program.kind === "wasm") return { ...program, blob };
    const found = program.kind === "native" ? "it is native code" : "it is no WebAssembly";
    throw new MalformedError(`layer "${layer.digest}" is of type ${layer.mediaType}, but ${found}`);
  } finally {
    closeSync(fd);
  }
}

/** The title where it is a plain file name: it is shown in errors, and names a mount point in the engine's own folder. */
function fileNameOf(layer: Descriptor): string {
  const title = titleOf(layer) ?? "";
  return /^\w[\w.-]{0,99}$/.test(title) ? title : "module.wasm";
}

const CODES: Partial<Record<string, Code>> = {
  NOT_FOUND: "NotFound",
  UNAVAILABLE: "Unavailable",
  DEADLINE_EXCEEDED: "DeadlineExceeded",
};

/** What went wrong, in the words of whoever runs the image. */
function ofImage(image: string, error: unknown): unknown {
  if (error instanceof MalformedError) {
    return new ShimError("InvalidArgument", `cannot run image "${image}": ${error.message}`, {
      cause: error,
    });
  }
  if (error instanceof ContainerdError) {
    const code = CODES[error.status] ?? "Unknown";
    const remedy = code === "NotFound" ? " (pull the image again, for its own platform)" : "";
    return new ShimError(code, `cannot read image "${image}": ${error.message}${remedy}`, { cause: error });
  }
  return error;
}
