// SPDX-License-Identifier: Apache-2.0
import { testModule } from "@runwasi/test-modules";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import type { TestImage } from "./images.ts";
import { BASE_FOLDERS } from "./rootfs.ts";

/** Test modules by name, as files /<name>.wasm. */
export async function moduleFiles(names: readonly string[]): Promise<TarEntry[]> {
  const files: TarEntry[] = [];
  // One after the other: their compilers are not re-entrant.
  for (const name of names) {
    files.push({ kind: "file", path: `${name}.wasm`, content: await testModule(name) });
  }
  return files;
}

/** An image of modules and a few folders, without a shell or any other native program. */
export async function wasmImage(name: string, modules: readonly string[]): Promise<TestImage> {
  return {
    name,
    process: { entrypoint: [`/${modules[0] ?? "none"}.wasm`] },
    layers: [
      BASE_FOLDERS,
      [{ kind: "file", path: "work/note.txt", content: "a note\n" }, ...(await moduleFiles(modules))],
    ],
  };
}
