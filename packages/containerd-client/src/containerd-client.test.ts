// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { expect, test } from "bun:test";
import { LeasesDefinition } from "@runwasi/containerd-api/gen/services/leases/v1/leases.ts";
import { connectContainerd } from "./containerd-client.ts";
import { ContainerdError, toContainerdError } from "./containerd-error.ts";
import { contentFolder, readContent } from "./content-store.ts";
import { imageOfContainer } from "./image-of-container.ts";
import { startFakeContainerd, type FakeState } from "./testing/fake-containerd.ts";

const TARGET = { mediaType: "application/json", digest: "sha256:a", size: 7n };

async function connected(state: Partial<FakeState> = {}) {
  const containerd = await startFakeContainerd({ blobs: new Map(), ...state });
  const client = connectContainerd({ address: containerd.address, namespace: "k8s.io" });
  return {
    client,
    calls: containerd.calls,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      containerd[Symbol.dispose]();
    },
  };
}

async function statusOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ContainerdError)) throw new Error("it is no ContainerdError", { cause: error });
  return error.status;
}

test("calls name the containerd namespace", async () => {
  using fake = await connected({
    containers: new Map([["one", "an-image"]]),
    images: new Map([["an-image", TARGET]]),
  });
  const image = await imageOfContainer(fake.client, "one");
  expect(image?.name).toBe("an-image");
  expect(image?.target).toMatchObject(TARGET);
  expect(fake.calls).toEqual(["k8s.io Get", "k8s.io Get"]);
});

test("a container of no image has none; what is not there is NOT_FOUND", async () => {
  using fake = await connected({
    containers: new Map([
      ["bare", ""],
      ["removed", "gone"],
    ]),
  });
  expect(await imageOfContainer(fake.client, "bare")).toBeUndefined();
  expect(await statusOf(imageOfContainer(fake.client, "removed"))).toBe("NOT_FOUND");
  expect(await statusOf(imageOfContainer(fake.client, "absent"))).toBe("NOT_FOUND");
});

test("a socket that is not there is UNAVAILABLE, a service that is not there UNIMPLEMENTED", async () => {
  using nowhere = connectContainerd({ address: "/nonexistent/containerd.sock", namespace: "default" });
  expect(await statusOf(contentFolder(nowhere))).toBe("UNAVAILABLE");
  using fake = await connected();
  const { list } = LeasesDefinition.methods;
  expect(await statusOf(fake.client.call(LeasesDefinition, list, { filters: [] }))).toBe("UNIMPLEMENTED");
});

test("the content store's folder is what it exports; one of a proxy is not on this host", async () => {
  using local = await connected({ contentRoot: "/content" });
  expect(await contentFolder(local.client)).toBe("/content");
  using proxy = await connected();
  expect(await contentFolder(proxy.client)).toBeUndefined();
});

test("content of several messages is read whole; what is not there is NOT_FOUND", async () => {
  const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251);
  using fake = await connected({ blobs: new Map([["sha256:a", bytes]]) });
  const read = async (digest: string) =>
    Buffer.concat(await Array.fromAsync(readContent(fake.client, digest)));
  expect((await read("sha256:a")).equals(bytes)).toBe(true);
  expect(await statusOf(read("sha256:b"))).toBe("NOT_FOUND");
});

test("errors of @grpc/grpc-js keep their status and words, others are UNKNOWN", () => {
  const grpc = Object.assign(new Error("5 NOT_FOUND: gone"), { code: status.NOT_FOUND, details: "gone" });
  expect(toContainerdError("Get", grpc)).toMatchObject({ status: "NOT_FOUND", message: "Get: gone" });
  expect(toContainerdError("Get", Object.assign(new Error("odd"), { code: 99 })).status).toBe("UNKNOWN");
  expect(toContainerdError("Get", "words")).toMatchObject({ status: "UNKNOWN", message: "Get: words" });
});
