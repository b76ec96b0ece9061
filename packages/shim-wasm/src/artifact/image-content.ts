// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { contentFolder, contentInfo, readContent, type ContainerdClient } from "@runwasi/containerd-client";
import { ShimError, type InstanceHost } from "@runwasi/containerd-shimkit";
import type { Descriptor } from "@runwasi/oci";
import { digestsFolder } from "../precompile/compiled-module.ts";
import { nodeFileDigest } from "../precompile/node-file-digest.ts";
import type { ImageBlob } from "../program.ts";
import { fetchBlob } from "./fetch-blob.ts";

/** As large as containerd takes a manifest; its images.MaxManifestSize is 8 MiB, and no Wasm image comes near. */
const MAX_TEXT_BYTES = 4 << 20;
const OTHERS_MAY_READ = 0o004;

/** The blobs of an image, each checked against its descriptor before it is used. */
export interface ImageContent {
  /** Whether containerd has the blob: of an index, a pull fetches what is for one platform. */
  has(descriptor: Descriptor): Promise<boolean>;
  /**
   * Reads a manifest, an index or a configuration, of 4 MiB at most.
   *
   * @throws ShimError FailedPrecondition for a blob that is not what its descriptor says, NotFound for one that is not there.
   */
  readText(descriptor: Descriptor): Promise<string>;
  /**
   * Where a blob lies on this host, for a bind mount that every user may read. Its digest is computed once in a boot of the
   * host. Throws as `readText`.
   */
  locate(descriptor: Descriptor): Promise<ImageBlob>;
}

/** Where things are kept that are known of blobs. */
interface ContentFolders extends Pick<InstanceHost, "stateDir"> {
  /** Copies of blobs, instead of the node's own folder. */
  readonly copies?: string;
}

/** @param image for errors */
export async function openImageContent(
  client: ContainerdClient,
  image: string,
  { stateDir, copies }: ContentFolders,
): Promise<ImageContent> {
  const folder = await contentFolder(client);
  const localPath = ({ digest }: Descriptor): string | undefined => {
    const path = folder === undefined ? undefined : join(folder, "blobs", digest.replace(":", "/"));
    return path !== undefined && existsSync(path) ? path : undefined;
  };
  const use = (descriptor: Descriptor) => ({ image, descriptor });
  const digests = digestsFolder(stateDir);
  return {
    async has(descriptor) {
      if (folder !== undefined) return localPath(descriptor) !== undefined;
      return (await contentInfo(client, descriptor.digest)) !== undefined;
    },
    async readText(descriptor) {
      if (descriptor.size > MAX_TEXT_BYTES)
        refuse(use(descriptor), `it has ${descriptor.size} bytes (at most ${MAX_TEXT_BYTES})`);
      const path = localPath(descriptor);
      const bytes =
        path === undefined ? await readAll(client, descriptor) : boundedFile(path, use(descriptor));
      const digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
      if (digest !== descriptor.digest) refuse(use(descriptor), "its content is of another digest");
      return new TextDecoder().decode(bytes);
    },
    async locate(descriptor) {
      const path = localPath(descriptor);
      // An engine that runs as another user than root has to read it, too.
      if (path === undefined || (statSync(path).mode & OTHERS_MAY_READ) === 0)
        return {
          path: await fetchBlob(client, { descriptor, image, digests, folder: copies }),
          digest: descriptor.digest,
          isCopy: true,
        };
      assertSize(path, use(descriptor));
      const digest = nodeFileDigest(path, digests);
      if (`sha256:${digest}` !== descriptor.digest)
        refuse(use(descriptor), "its content is of another digest");
      return { path, digest: descriptor.digest, isCopy: false };
    },
  };
}

interface Use {
  readonly image: string;
  readonly descriptor: Descriptor;
}

function boundedFile(path: string, use: Use): Uint8Array {
  assertSize(path, use);
  return readFileSync(path);
}

function assertSize(path: string, use: Use): void {
  const { size } = statSync(path);
  if (size !== use.descriptor.size)
    refuse(use, `it has ${size} bytes, and its descriptor says ${use.descriptor.size}`);
}

async function readAll(client: ContainerdClient, { digest, size }: Descriptor): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of readContent(client, digest)) {
    total += chunk.length;
    if (total > size) break; // its digest will not fit
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse({ image, descriptor }: Use, reason: string): never {
  throw new ShimError(
    "FailedPrecondition",
    `cannot use blob "${descriptor.digest}" of image "${image}": ${reason} (remove the image and pull it again)`,
  );
}
