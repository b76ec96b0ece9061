// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { connectContainerd, ContainerdError } from "@runwasi/containerd-client";
import { startFakeContainerd, type FakeState } from "@runwasi/containerd-client/testing/fake-containerd.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { Descriptor } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { openImageContent } from "./image-content.ts";

function describe(bytes: Uint8Array): Descriptor {
  const digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
  return { mediaType: "application/wasm", digest, size: bytes.length };
}

const BYTES = new Uint8Array(100_000).map((_, index) => index % 251);
const BLOB = describe(BYTES);

/** A content store on this host with these blobs in it, or one that is elsewhere. */
async function openStore(kind: "local" | "elsewhere", blobs: ReadonlyMap<string, Uint8Array>) {
  const resources = new DisposableStack();
  const folder = resources.use(createTemporaryFolder()).path;
  const state: FakeState = { blobs: new Map(blobs) };
  const containerd = resources.use(
    await startFakeContainerd(kind === "local" ? { ...state, contentRoot: folder } : state),
  );
  const pathOf = (digest: string) => join(folder, "blobs", digest.replace(":", "/"));
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  if (kind === "local") for (const [digest, bytes] of blobs) writeFileSync(pathOf(digest), bytes);
  const client = resources.use(connectContainerd({ address: containerd.address, namespace: "default" }));
  const copies = join(folder, "copies");
  const content = await openImageContent(client, "img", { stateDir: folder, copies });
  return { content, copies, calls: containerd.calls, pathOf, [Symbol.dispose]: () => resources.dispose() };
}

const whole = new Map([[BLOB.digest, BYTES]]);

test("a blob of a store on this host is mounted from where it lies", async () => {
  using store = await openStore("local", whole);
  const path = store.pathOf(BLOB.digest);
  expect(await store.content.locate(BLOB)).toEqual({ path, digest: BLOB.digest, isCopy: false });
  expect(store.calls).toEqual(["default Plugins"]);
});

test("a blob that only root may read is copied for everybody", async () => {
  using store = await openStore("local", whole);
  chmodSync(store.pathOf(BLOB.digest), 0o400);
  const { path, isCopy } = await store.content.locate(BLOB);
  expect(isCopy).toBe(true);
  expect(path.startsWith(store.copies)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o444);
});

test("of a store that is elsewhere a blob is fetched once", async () => {
  using store = await openStore("elsewhere", whole);
  const { path, isCopy } = await store.content.locate(BLOB);
  expect(isCopy).toBe(true);
  expect(new Uint8Array(readFileSync(path))).toEqual(BYTES);
  expect(await store.content.locate(BLOB)).toMatchObject({ path });
  expect(store.calls).toEqual(["default Plugins", "Read"]);
});

test("containers that want a blob at the same time all get it, fetched once", async () => {
  using store = await openStore("elsewhere", whole);
  const located = await Promise.all([1, 2, 3].map(() => store.content.locate(BLOB)));
  expect(new Set(located.map(({ path }) => path)).size).toBe(1);
  expect(readdirSync(store.copies)).toEqual([BLOB.digest.replace("sha256:", "")]);
  expect(store.calls.filter((call) => call === "Read")).toHaveLength(1);
});

test("a copy that was damaged is fetched again", async () => {
  using store = await openStore("elsewhere", whole);
  const { path } = await store.content.locate(BLOB);
  truncateSync(path, 1);
  expect(await store.content.locate(BLOB)).toMatchObject({ path });
  expect(new Uint8Array(readFileSync(path))).toEqual(BYTES);
});

test.each([
  ["of another digest", BYTES.map((byte) => byte ^ 1)],
  ["too short", BYTES.subarray(1)],
  ["too long", Uint8Array.from([...BYTES, 0])],
])("what is fetched and is %s is refused, and nothing of it stays", async (_, bytes) => {
  using store = await openStore("elsewhere", new Map([[BLOB.digest, bytes]]));
  const refusal = await rejection(() => store.content.locate(BLOB));
  expect(refusal).toMatchObject({ code: "FailedPrecondition" });
  expect(refusal.message).toContain(BLOB.digest);
  expect(readdirSync(store.copies)).toEqual([]);
});

test("what is nowhere is NOT_FOUND, and nothing of it stays", async () => {
  using store = await openStore("elsewhere", new Map());
  const failure: unknown = await store.content.locate(BLOB).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ContainerdError);
  expect(failure).toMatchObject({ status: "NOT_FOUND" });
  expect(readdirSync(store.copies)).toEqual([]);
});

test.each(["local", "elsewhere"] as const)("text of a store that is %s is checked", async (kind) => {
  const text = describe(new TextEncoder().encode("{}"));
  const wrong = { ...text, digest: BLOB.digest };
  using store = await openStore(
    kind,
    new Map([
      [text.digest, new TextEncoder().encode("{}")],
      [BLOB.digest, new TextEncoder().encode("[]")],
    ]),
  );
  expect(await store.content.readText(text)).toBe("{}");
  const refused = (of: Descriptor) => rejection(() => store.content.readText(of));
  expect((await refused(wrong)).message).toContain("its content is of another digest");
  expect(await refused({ ...text, size: 1 })).toMatchObject({ code: "FailedPrecondition" });
  expect((await refused({ ...text, size: 5 << 20 })).message).toContain("at most 4194304");
});

test("a blob of a store on this host that is not as long as its descriptor says is refused", async () => {
  using store = await openStore("local", new Map([[BLOB.digest, BYTES.subarray(1)]]));
  expect((await rejection(() => store.content.locate(BLOB))).message).toContain("99999 bytes");
});
