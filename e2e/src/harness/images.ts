// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeImageLayout, type ImageProcess, type TarEntry } from "@runwasi/oci";
import type { Containerd } from "./containerd.ts";

/** An image of a test: a short name, what it runs and the files of its rootfs. */
export interface TestImage {
  readonly name: string;
  readonly process: ImageProcess;
  readonly layers: readonly (readonly TarEntry[])[];
}

/** The name under which containerd knows a test image. */
export function imageName(name: string): string {
  return `runwasi.test/${name}:latest`;
}

/** Imports and unpacks images; those that share a list of files share the layer and its snapshot. */
export async function importImages(containerd: Containerd, images: readonly TestImage[]): Promise<void> {
  if (images.length === 0) return;
  const archive = join(containerd.folder, `${images[0]?.name ?? "images"}.tar`);
  await writeFile(archive, encodeTestImages(images));
  const { exitCode, stderr } = await containerd.ctr(["image", "import", archive]);
  if (exitCode !== 0) throw new Error(`cannot import "${archive}": ${stderr}`);
  await rm(archive);
}

/** The archive that `importImages` has containerd import. */
export function encodeTestImages(images: readonly TestImage[]): Uint8Array {
  return encodeImageLayout(
    images.map(({ name, process, layers }) => ({
      name: imageName(name),
      platform: { os: "linux", architecture: ociArchitecture() },
      config: process,
      layers,
    })),
  );
}

/** This machine's architecture in the words of the image specification (Go's). */
export function ociArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch;
}
