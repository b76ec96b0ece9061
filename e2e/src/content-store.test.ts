// SPDX-License-Identifier: Apache-2.0
// What @runwasi/containerd-client does to a real containerd's content store.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ContainerdError,
  contentFolder,
  contentInfo,
  createLease,
  deleteContent,
  labelContent,
  readContent,
  writeContent,
  type ContainerdClient,
} from "@runwasi/containerd-client";
import { ContentDefinition } from "@runwasi/containerd-api/gen/services/content/v1/content.ts";
import { LeasesDefinition } from "@runwasi/containerd-api/gen/services/leases/v1/leases.ts";
import { clientOf } from "./artifacts/container-record.ts";
import { forEachArtifactContainerd } from "./artifacts/for-each-artifact-shim.ts";

const MINUTE_MS = 60_000;
const HEX = "0".repeat(64);

forEachArtifactContainerd((containerd) => {
  /** A file of this many bytes, that no other test has, as what is to be written. */
  async function newContent(sizeBytes: number, seed: number, lease: string) {
    const bytes = new Uint8Array(sizeBytes).map((_, index) => (index * seed) % 251);
    const digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
    const path = join(containerd().folder, `new-${seed}`);
    await writeFile(path, bytes);
    return { path, digest, sizeBytes, labels: { "test/seed": `${seed}` }, lease };
  }

  async function digestOf(client: ContainerdClient, digest: string): Promise<string> {
    const hasher = new Bun.CryptoHasher("sha256");
    for await (const chunk of readContent(client, digest)) hasher.update(chunk);
    return `sha256:${hasher.digest("hex")}`;
  }

  const list = async (...args: string[]) => (await containerd().ctr(args)).stdout;
  /** Writes that have begun and not ended: the first line is a heading. */
  const writes = async () => (await list("content", "active")).trim().split("\n").slice(1);

  test("what was written is read back, labelled and taken away", async () => {
    using client = clientOf(containerd());
    await using lease = await createLease(client, MINUTE_MS);
    const blob = await newContent(9_000_001, 3, lease.id);
    await writeContent(client, blob);
    expect(await digestOf(client, blob.digest)).toBe(blob.digest);
    await labelContent(client, blob.digest, { "test/more": "x" });
    const labels = { "test/seed": "3", "test/more": "x" };
    expect(await contentInfo(client, blob.digest)).toEqual({ sizeBytes: 9_000_001n, labels });
    await labelContent(client, blob.digest, { "test/more": "" });
    expect((await contentInfo(client, blob.digest))?.labels).toEqual({ "test/seed": "3" });
    const folder = (await contentFolder(client)) ?? "";
    expect(await Bun.file(join(folder, "blobs/sha256", blob.digest.slice(7))).exists()).toBe(true);
    await deleteContent(client, blob.digest);
    await deleteContent(client, blob.digest);
    expect(await contentInfo(client, blob.digest)).toBeUndefined();
  });

  test("writing what is there already is no error", async () => {
    using client = clientOf(containerd());
    await using lease = await createLease(client, MINUTE_MS);
    const blob = await newContent(40_000, 5, lease.id);
    await writeContent(client, blob);
    await writeContent(client, blob);
    expect(await digestOf(client, blob.digest)).toBe(blob.digest);
    expect(await writes()).toEqual([]);
  });

  test("several that write the same at once do not stand in each other's way", async () => {
    using client = clientOf(containerd());
    await using lease = await createLease(client, MINUTE_MS);
    await using other = await createLease(client, MINUTE_MS);
    const blob = await newContent(3_000_000, 13, lease.id);
    const writers = [blob, { ...blob, lease: other.id }, blob, blob];
    await Promise.all(
      writers.map(async (writer) => {
        using own = clientOf(containerd());
        await writeContent(own, writer);
      }),
    );
    expect(await digestOf(client, blob.digest)).toBe(blob.digest);
    expect(await writes()).toEqual([]);
  });

  test("content of another digest is refused, and nothing of it stays", async () => {
    using client = clientOf(containerd());
    await using lease = await createLease(client, MINUTE_MS);
    const blob = await newContent(40_000, 7, lease.id);
    const failure = writeContent(client, { ...blob, digest: `sha256:${HEX}` });
    expect(await failure.catch((error: unknown) => error)).toBeInstanceOf(ContainerdError);
    expect(await writes()).toEqual([]);
    const short = writeContent(client, { ...blob, sizeBytes: 50_000 });
    expect(await short.catch((error: unknown) => error)).toMatchObject({ status: "INVALID_ARGUMENT" });
    expect(await writes()).toEqual([]);
  });

  test("a lease keeps what nothing refers to until it is disposed", async () => {
    using client = clientOf(containerd());
    const lease = await createLease(client, MINUTE_MS);
    const blob = await newContent(1_000, 11, lease.id);
    await writeContent(client, blob);
    await sweep(client);
    expect(await contentInfo(client, blob.digest)).toBeDefined();
    expect(await list("leases", "ls", "-q")).toContain(lease.id);
    await lease[Symbol.asyncDispose]();
    await sweep(client);
    expect(await contentInfo(client, blob.digest)).toBeUndefined();
    expect(await list("leases", "ls", "-q")).not.toContain(lease.id);
  });

  /** Has containerd collect its garbage, which it does before it answers. */
  async function sweep(client: ContainerdClient): Promise<void> {
    const { id } = await createLease(client, MINUTE_MS);
    await client.call(LeasesDefinition, LeasesDefinition.methods.delete, { id, sync: true });
  }

  test("failures carry containerd's status", async () => {
    using client = clientOf(containerd());
    const read = Array.fromAsync(readContent(client, `sha256:${HEX}`));
    expect(await read.catch((error: unknown) => error)).toMatchObject({ status: "NOT_FOUND" });
    const label = labelContent(client, `sha256:${HEX}`, { "test/a": "b" });
    expect(await label.catch((error: unknown) => error)).toMatchObject({ status: "NOT_FOUND" });
    const odd = client.call(ContentDefinition, ContentDefinition.methods.info, { digest: "odd" });
    expect(await odd.catch((error: unknown) => error)).toBeInstanceOf(ContainerdError);
  });
});
