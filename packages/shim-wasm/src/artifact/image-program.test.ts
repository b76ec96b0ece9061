// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { startFakeContainerd } from "@runwasi/containerd-client/testing/fake-containerd.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { REAL_MODULE } from "@runwasi/wasm-binary/testing/wasm-bytes.ts";
import { imageProgram } from "./image-program.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const WASM = "application/wasm";
const TAR = "application/vnd.oci.image.layer.v1.tar";

/** Blobs as they are made, to be put in a store. */
function blobStore() {
  const blobs = new Map<string, Uint8Array>();
  const add = (mediaType: string, content: Uint8Array | object | string) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(text);
    const digest = `sha256:${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}`;
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  return { blobs, add };
}

type Store = ReturnType<typeof blobStore>;
type Target = ReturnType<Store["add"]>;

/** Asks for the program of a container whose image is what `make` puts into the store. */
async function programOf(make: (store: Store) => Target, name = "") {
  const store = blobStore();
  const target = make(store);
  using folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "blobs/sha256"), { recursive: true });
  for (const [digest, bytes] of store.blobs)
    writeFileSync(join(folder.path, "blobs", digest.replace(":", "/")), bytes);
  using containerd = await startFakeContainerd({
    blobs: store.blobs,
    contentRoot: folder.path,
    containers: new Map([["one", "img"]]),
    images: new Map([["img", { ...target, size: BigInt(target.size) }]]),
  });
  return await ask(containerd.address, folder.path, name);
}

function ask(containerdAddress: string, stateDir: string, name = "", id = "one") {
  return imageProgram({
    engine: { name: "test" },
    name,
    folder: "/dev/.runwasi",
    request: { id, namespace: "default" },
    host: { stateDir, containerdAddress },
  });
}

const manifest = ({ add }: Store, layers: readonly Target[], config: object | string = {}) =>
  add(MANIFEST, { schemaVersion: 2, config: add(CONFIG, config), layers });

const wasm = ({ add }: Store) => add(WASM, REAL_MODULE);

test("the layer of a manifest is the program, in the engine's folder", async () => {
  const program = await programOf((store) => manifest(store, [wasm(store)]), "x#greet");
  expect(program).toMatchObject({ kind: "wasm", path: "/dev/.runwasi/module/module.wasm" });
});

test("of an index the manifest for WebAssembly is read; one without has no program", async () => {
  const indexFor = (os: string, architecture: string) => (store: Store) => {
    const entry = { ...manifest(store, [wasm(store)]), platform: { os, architecture } };
    return store.add(INDEX, { schemaVersion: 2, manifests: [entry] });
  };
  expect(await programOf(indexFor("wasip1", "wasm"))).toMatchObject({ kind: "wasm" });
  expect(await programOf(indexFor("linux", "amd64"))).toBeUndefined();
});

test("of an index the manifest that was pulled is read, when the better one was not", async () => {
  const program = await programOf((store) => {
    const { add } = store;
    const platform = { os: "wasi", architecture: "wasm" };
    const pulled = { ...manifest(store, [wasm(store)]), platform };
    const absent = { ...manifest(store, [add(WASM, "another")]), platform: { ...platform, os: "wasip1" } };
    store.blobs.delete(absent.digest);
    return add(INDEX, { schemaVersion: 2, manifests: [absent, pulled] });
  });
  expect(program).toMatchObject({ kind: "wasm" });
});

test("an image with a rootfs, and one without layers, have none", async () => {
  expect(await programOf((store) => manifest(store, [store.add(TAR, "tar")]))).toBeUndefined();
  expect(await programOf((store) => manifest(store, []))).toBeUndefined();
});

test.each<readonly [string, (store: Store) => Target, string]>([
  [
    "a layer of an unknown type",
    (store) => manifest(store, [store.add("text/x", "x")]),
    '"text/x" (test takes application/wasm, ',
  ],
  ["a configuration that is no JSON", (store) => manifest(store, [wasm(store)], "{"), "its configuration"],
  ["a layer that is no WebAssembly", (store) => manifest(store, [store.add(WASM, "text")]), "no WebAssembly"],
  [
    "more layers than there is reason for",
    (store) =>
      manifest(
        store,
        Array.from({ length: 129 }, () => wasm(store)),
      ),
    "it has 129 layers (at most 128)",
  ],
  [
    "an index in an index",
    (store) => {
      const inner = {
        ...store.add(INDEX, { manifests: [] }),
        platform: { os: "wasi", architecture: "wasm" },
      };
      return store.add(INDEX, { manifests: [inner] });
    },
    "an index in its index",
  ],
])("%s is InvalidArgument", async (_what, make, words) => {
  const refusal = await rejection(() => programOf(make));
  expect(refusal.code).toBe("InvalidArgument");
  expect(refusal.message).toStartWith('cannot run image "img": ');
  expect(refusal.message).toContain(words);
});

test("a layer that is not there is NotFound, and says to pull", async () => {
  const refusal = await rejection(() =>
    programOf((store) => {
      const layer = { mediaType: WASM, digest: `sha256:${"0".repeat(64)}`, size: 8 };
      return manifest(store, [layer]);
    }),
  );
  expect(refusal.code).toBe("NotFound");
  expect(refusal.message).toContain("pull the image again");
});

test("without a containerd, and for a container that it does not know, there is no program", async () => {
  using folder = createTemporaryFolder();
  expect(await ask("/nonexistent/containerd.sock", folder.path)).toBeUndefined();
  using containerd = await startFakeContainerd({ blobs: new Map() });
  expect(await ask(containerd.address, folder.path)).toBeUndefined();
});
