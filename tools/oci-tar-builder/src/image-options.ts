// SPDX-License-Identifier: Apache-2.0
import type { ImageProcess, LayoutName, Platform } from "@runwasi/oci";
import type { WasmProgram } from "./wasm-program.ts";

/** A program and what its layer, or its file in a rootfs, is called. */
export interface TitledProgram {
  readonly title: string;
  readonly program: WasmProgram;
}

/** A layer of any type, which the engines leave alone. */
export interface OtherLayer {
  readonly mediaType: string;
  readonly title: string;
  readonly content: Uint8Array;
}

/** A file of a rootfs; its path is relative, its folders are made. */
export interface RootfsFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What each format has. Equal options give equal bytes. */
export interface CommonOptions {
  /** From `imageNames`; an image without can be read but not be imported under a name. */
  readonly names?: readonly LayoutName[];
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly author?: string;
  /** RFC 3339; 1970 when left out. */
  readonly created?: string;
}

/** What the two image formats have. */
export interface ImageOptions extends CommonOptions {
  readonly programs: readonly TitledProgram[];
  readonly files?: readonly RootfsFile[];
  /** Without an entrypoint, the first program is it. */
  readonly process?: ImageProcess;
  /** wasi/wasm when left out. */
  readonly platform?: Platform;
}

export const DEFAULT_PLATFORM: Platform = { os: "wasi", architecture: "wasm" };
/** https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md */
export const TITLE = "org.opencontainers.image.title";
