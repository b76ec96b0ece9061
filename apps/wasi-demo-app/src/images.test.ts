// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { encodeAppArtifact, encodeAppRootfs } from "./images.ts";

const NAME = "example.org/demo:1";

async function manifests(archive: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const index: unknown = JSON.parse(
    (await (await new Bun.Archive(archive).files()).get("index.json")?.text()) ?? "",
  );
  return index;
}

test("both images have the name, the platform and, made twice, the same bytes", async () => {
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const annotations = { "io.containerd.image.name": NAME, "org.opencontainers.image.ref.name": "1" };
  const artifact = encodeAppArtifact({ module, name: NAME });
  expect(await manifests(artifact)).toMatchObject({
    manifests: [{ platform: { os: "wasip1", architecture: "wasm" }, annotations }],
  });
  expect(encodeAppArtifact({ module, name: NAME })).toEqual(artifact);
  const rootfs = encodeAppRootfs({ module, name: NAME }, "arm64");
  expect(await manifests(rootfs)).toMatchObject({
    manifests: [{ platform: { os: "linux", architecture: "arm64" }, annotations }],
  });
  expect(encodeAppRootfs({ module, name: NAME }, "arm64")).toEqual(rootfs);
});
