// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  connectContainerd,
  contentFolder,
  contentInfo,
  createLease,
  deleteContent,
  labelContent,
  writeContent,
  type ContainerdClient,
} from "@runwasi/containerd-client";
import { ShimError } from "@runwasi/containerd-shimkit";
import type { CompiledFile, CompiledKey, CompiledStore } from "./compiled-store.ts";
import { fileDigest } from "./file-digest.ts";
import { nodeFileDigest } from "./node-file-digest.ts";

/** As long as it takes to write a compiled file; a shim that is killed meanwhile leaves the lease for that long. */
const LEASE_MS = 10 * 60_000;
/** Of one engine for one layer: as many versions, CPUs and options as a node has at a time. More make way. */
const MAX_FORMS = 8;

/** Which containerd, and whose images. */
export interface ContentStoreOptions {
  readonly address: string;
  readonly namespace: string;
  /** Where digests are remembered until the host is rebooted. */
  readonly digests: string;
}

/**
 * Compiled files in containerd's content store, in which the module is a blob itself. The module's labels name each
 * (`runwasi.io/precompiled/<engine>/<key>`), and refer to it for containerd's garbage collector
 * (`containerd.io/gc.ref.content.…`), so that it is there for as long as the module, also when the image was pulled again.
 * No image has a say in labels of content: clients of containerd set them, who are root.
 */
export function createContentStore({ address, namespace, digests }: ContentStoreOptions): CompiledStore {
  const connect = () => connectContainerd({ address, namespace });
  return {
    async find(key) {
      using client = connect();
      const digest = (await contentInfo(client, key.module))?.labels[formLabel(key)];
      // What containerd has forgotten may still lie there, for its garbage collector to take at any moment.
      if (digest === undefined || (await contentInfo(client, digest)) === undefined) return undefined;
      const folder = await contentFolder(client);
      const path = folder === undefined ? undefined : blobPath(folder, digest);
      return path !== undefined && isWhole(path, digest, digests) ? path : undefined;
    },
    async keep(key, file) {
      using client = connect();
      return await keepBlob(client, key, file, digests);
    },
  };
}

async function keepBlob(
  client: ContainerdClient,
  key: CompiledKey,
  { path, sizeBytes }: CompiledFile,
  digests: string,
): Promise<string> {
  const folder = await contentFolder(client);
  const digest = `sha256:${fileDigest(path, { maxBytes: sizeBytes })}`;
  if (folder === undefined)
    throw new ShimError(
      "Unavailable",
      "cannot keep a compiled file: containerd's content store is not on this host",
    );
  const kept = blobPath(folder, digest);
  await using lease = await createLease(client, LEASE_MS);
  // What containerd takes for whole and is not, it would not write again.
  if (
    existsSync(kept) ? !isWhole(kept, digest, digests) : (await contentInfo(client, digest)) !== undefined
  ) {
    rmSync(kept, { force: true });
    await deleteContent(client, digest);
  }
  await writeContent(client, { path, digest, sizeBytes, labels: {}, lease: lease.id });
  if (!isWhole(kept, digest, digests))
    throw new ShimError("Unavailable", `cannot keep a compiled file: "${kept}" is not what was written`);
  await labelContent(client, key.module, {
    ...(await surplus(client, key)),
    [formLabel(key)]: digest,
    [referenceLabel(key)]: digest,
  });
  return kept;
}

/** Empty values, which remove them, for the labels of forms that have to make way for another. */
async function surplus(client: ContainerdClient, key: CompiledKey): Promise<Record<string, string>> {
  const labels = Object.keys((await contentInfo(client, key.module))?.labels ?? {});
  const prefix = formLabel({ ...key, id: "" });
  const ids = labels.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const others = ids.filter((id) => id !== key.id);
  const leaving = others.slice(0, Math.max(others.length - (MAX_FORMS - 1), 0));
  return Object.fromEntries(
    leaving.flatMap((id) => [formLabel, referenceLabel].map((label) => [label({ ...key, id }), ""])),
  );
}

function formLabel({ engine, id }: CompiledKey): string {
  return `runwasi.io/precompiled/${engine}/${id}`;
}

/** @see https://github.com/containerd/containerd/blob/v2.1.0/docs/garbage-collection.md */
function referenceLabel({ engine, id }: CompiledKey): string {
  return `containerd.io/gc.ref.content.runwasi.${engine}.${id}`;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", digest.replace(":", "/"));
}

function isWhole(path: string, digest: string, digests: string): boolean {
  if (!/\/sha256\/[0-9a-f]{64}$/.test(path) || !existsSync(path) || !statSync(path).isFile()) return false;
  return `sha256:${nodeFileDigest(path, digests)}` === digest;
}
