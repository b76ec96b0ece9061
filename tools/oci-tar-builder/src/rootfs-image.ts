// SPDX-License-Identifier: Apache-2.0
import {
  createBlob,
  createImage,
  encodeTar,
  ROOTFS_LAYER_TYPE,
  type Blob,
  type LayoutImage,
  type TarEntry,
} from "@runwasi/oci";
import { BuildError } from "./build-error.ts";
import { DEFAULT_PLATFORM, type ImageOptions, type RootfsFile } from "./image-options.ts";
import { assertDistinct, checkTitle } from "./title.ts";

/**
 * Makes an ordinary image whose rootfs holds the programs at `/<title>`, for containerds and registries that know nothing
 * of Wasm layers.
 *
 * @throws BuildError "input" for no program, or paths that are none, there twice or too long.
 */
export function createRootfsImage(options: ImageOptions): LayoutImage {
  const { programs, files = [], process = {} } = options;
  const [first] = programs;
  if (first === undefined) throw new BuildError("input", "cannot make an image of no module");
  const programFiles = programs.map(({ title, program }) => ({ path: title, content: program.bytes }));
  return createImage({
    ...options,
    names: options.names ?? [],
    platform: options.platform ?? DEFAULT_PLATFORM,
    process: { ...process, entrypoint: process.entrypoint ?? [`/${first.title}`] },
    layers: [createRootfsLayer([...programFiles, ...files])],
  });
}

/** A rootfs layer of files that everybody may read and execute, with the folders they are in. */
export function createRootfsLayer(files: readonly RootfsFile[]): Blob {
  const paths = files.map(({ path }) => checkTitle(path));
  assertDistinct(paths);
  const folders = [...new Set(paths.flatMap(parents))].toSorted();
  const clash = folders.find((folder) => paths.includes(folder));
  if (clash !== undefined)
    throw new BuildError("input", `cannot use path "${clash}" for a file and a folder`);
  const entries: TarEntry[] = [
    ...folders.map((path) => ({ kind: "folder", path }) as const),
    ...files.map((file) => ({ kind: "file", ...file, mode: 0o755 }) as const),
  ];
  return createBlob(ROOTFS_LAYER_TYPE, encodeLayer(entries));
}

/** `a/b/c` is in `a` and `a/b`. */
function parents(path: string): readonly string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

function encodeLayer(entries: readonly TarEntry[]): Uint8Array {
  try {
    return encodeTar(entries);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BuildError("input", error.message, { cause: error });
  }
}
