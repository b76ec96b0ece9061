// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";

/** One image of an archive, with its JSON parsed and its blobs by digest. */
export interface ReadImage {
  readonly index: { readonly manifests: readonly Record<string, unknown>[] };
  readonly manifest: {
    readonly config: { readonly mediaType: string; readonly digest: string };
    readonly layers: readonly {
      readonly mediaType: string;
      readonly digest: string;
      readonly size: number;
      readonly annotations?: Record<string, string>;
    }[];
    readonly annotations?: Record<string, string>;
  };
  readonly config: Record<string, unknown>;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Reads an archive of one image with Bun's own tar reader, and checks every digest. */
export async function readArchive(archive: Uint8Array): Promise<ReadImage> {
  const files = await new Bun.Archive(new Uint8Array(archive)).files();
  const blobs = new Map<string, Uint8Array>();
  for (const [path, file] of files) {
    const content = await file.bytes();
    if (!path.startsWith("blobs/sha256/")) continue;
    expect(new Bun.CryptoHasher("sha256").update(content).digest("hex")).toBe(path.slice(13));
    blobs.set(`sha256:${path.slice(13)}`, content);
  }
  const index: ReadImage["index"] = JSON.parse((await files.get("index.json")?.text()) ?? "");
  const manifest: ReadImage["manifest"] = parseBlob(blobs, String(index.manifests[0]?.["digest"]));
  return { index, manifest, config: parseBlob(blobs, manifest.config.digest), blobs };
}

function parseBlob<T>(blobs: ReadonlyMap<string, Uint8Array>, digest: string): T {
  const parsed: T = JSON.parse(new TextDecoder().decode(blobs.get(digest)));
  return parsed;
}
