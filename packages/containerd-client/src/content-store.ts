// SPDX-License-Identifier: Apache-2.0
import { open } from "node:fs/promises";
import {
  ContentDefinition,
  WriteAction,
  type WriteContentRequest,
  type WriteContentResponse,
} from "@runwasi/containerd-api/gen/services/content/v1/content.ts";
import { IntrospectionDefinition } from "@runwasi/containerd-api/gen/services/introspection/v1/introspection.ts";
import type { ContainerdClient } from "./containerd-client.ts";
import { ContainerdError } from "./containerd-error.ts";
import type { DuplexCall } from "./duplex-call.ts";

const CONTENT_PLUGIN = "io.containerd.content.v1";
/**
 * Below what HTTP/2 lets a new connection send ahead (64 KiB, of which containerd may owe a quarter): Bun 1.4's client
 * may never go on with a message that had to wait for the window.
 */
const CHUNK_BYTES = 32 << 10;

const { methods: content } = ContentDefinition;

/** What containerd knows of a blob in the client's namespace. */
export interface ContentInfo {
  readonly sizeBytes: bigint;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The folder of containerd's content store, which holds `blobs/<algorithm>/<digest>`; undefined where the store is not
 * one of containerd's own on this host.
 */
export async function contentFolder(client: ContainerdClient): Promise<string | undefined> {
  const { plugins } = await client.call(IntrospectionDefinition, IntrospectionDefinition.methods.plugins, {
    filters: [`type==${CONTENT_PLUGIN}`],
  });
  const working = plugins.filter(({ initErr }) => initErr === undefined);
  return working.map(({ exports }) => exports["root"]).find((root) => root !== undefined);
}

/** Answers what containerd knows of a blob; undefined where it has none of this digest. */
export async function contentInfo(
  client: ContainerdClient,
  digest: string,
): Promise<ContentInfo | undefined> {
  try {
    const { info } = await client.call(ContentDefinition, content.info, { digest });
    return info === undefined ? undefined : { sizeBytes: info.size, labels: info.labels };
  } catch (error) {
    if (error instanceof ContainerdError && error.status === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** Reads a blob by containerd, whose bytes are not checked against the digest. Throws ContainerdError. */
export async function* readContent(client: ContainerdClient, digest: string): AsyncGenerator<Uint8Array> {
  const stream = client.readStream(ContentDefinition, content.read, { digest, offset: 0n, size: 0n });
  for await (const { data } of stream) yield data;
}

/** Sets labels of a blob; others stay. An empty value removes one. Throws ContainerdError. */
export async function labelContent(
  client: ContainerdClient,
  digest: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const info = { digest, size: 0n, createdAt: undefined, updatedAt: undefined, labels: { ...labels } };
  const updateMask = Object.keys(labels).map((name) => `labels.${name}`);
  await client.call(ContentDefinition, content.update, { info, updateMask });
}

/** Makes containerd forget a blob in the client's namespace, if it is there. Throws ContainerdError. */
export async function deleteContent(client: ContainerdClient, digest: string): Promise<void> {
  try {
    await client.call(ContentDefinition, content.delete, { digest });
  } catch (error) {
    if (!(error instanceof ContainerdError && error.status === "NOT_FOUND")) throw error;
  }
}

/** A file that is to become a blob. */
export interface NewContent {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Id of the lease that keeps it until something refers to it. */
  readonly lease: string;
}

/**
 * Writes a file into the content store. A blob that is there already is as good. What was written before a failure is
 * taken back.
 *
 * @throws ContainerdError.
 */
export async function writeContent(client: ContainerdClient, blob: NewContent): Promise<void> {
  const { lease, digest } = blob;
  // Another that writes the same at this time has a name of its own: one would be locked by the first, and taken back by all.
  const ref = `runwasi-${digest}-${Bun.randomUUIDv7()}`;
  try {
    using call = client.openStream(ContentDefinition, content.write, { lease });
    await transfer(call, ref, blob);
  } catch (error) {
    await client.call(ContentDefinition, content.abort, { ref }, { lease }).catch(() => {}); // it may not have begun
    if (!(error instanceof ContainerdError && error.status === "ALREADY_EXISTS")) throw error;
  }
}

type WriteCall = DuplexCall<WriteContentRequest, WriteContentResponse>;

async function transfer(call: WriteCall, ref: string, blob: NewContent): Promise<void> {
  const total = BigInt(blob.sizeBytes);
  const request = (action: WriteAction, offset: bigint, data: Uint8Array): WriteContentRequest => ({
    action,
    ref,
    total,
    expected: blob.digest,
    offset,
    data,
    labels: { ...blob.labels },
  });
  let { offset } = await call.exchange(request(WriteAction.STAT, 0n, new Uint8Array()));
  await using file = await open(blob.path);
  const chunk = new Uint8Array(CHUNK_BYTES);
  while (offset < total) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, Number(offset));
    if (bytesRead === 0) throw new ContainerdError("INVALID_ARGUMENT", `"${blob.path}" became shorter`);
    ({ offset } = await call.exchange(request(WriteAction.WRITE, offset, chunk.subarray(0, bytesRead))));
  }
  await call.exchange(request(WriteAction.COMMIT, offset, new Uint8Array()));
}
