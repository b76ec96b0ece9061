// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "bun:test";
import { encodeImageLayout, type ImageDescription } from "./image-layout.ts";

const image: ImageDescription = {
  name: "example.org/hello:1",
  platform: { os: "linux", architecture: "amd64" },
  config: { entrypoint: ["/hello"], env: ["A=b"], workingDir: "/w", user: "1:2" },
  layers: [[{ kind: "file", path: "hello", content: "hi", mode: 0o755 }]],
};

async function files(archive: Uint8Array<ArrayBuffer>): Promise<Map<string, string>> {
  return new Map(
    await Promise.all(
      (await new Bun.Archive(archive).files())
        .entries()
        .map(async ([path, file]) => [path, await file.text()] as const),
    ),
  );
}

describe("encodeImageLayout()", () => {
  test("writes blobs under their own digest, reachable from the index", async () => {
    const layout = await files(encodeImageLayout([image]));
    for (const [path, text] of layout) {
      if (!path.startsWith("blobs/sha256/")) continue;
      expect(new Bun.CryptoHasher("sha256").update(text).digest("hex")).toBe(path.slice(13));
    }
    const index: unknown = JSON.parse(layout.get("index.json") ?? "");
    expect(index).toMatchObject({
      schemaVersion: 2,
      manifests: [
        {
          platform: image.platform,
          annotations: {
            "org.opencontainers.image.ref.name": image.name,
            "io.containerd.image.name": image.name,
          },
        },
      ],
    });
    const blobs = [...layout.keys()].filter((path) => path.startsWith("blobs/sha256/"));
    expect(blobs).toHaveLength(3);
  });

  test("gives the process to the image configuration and leaves out what is not set", async () => {
    const layout = await files(encodeImageLayout([image]));
    const configs = [...layout.values()].filter((text) => text.includes('"rootfs"'));
    expect(configs).toHaveLength(1);
    expect(JSON.parse(configs[0] ?? "")).toMatchObject({
      os: "linux",
      architecture: "amd64",
      config: { Entrypoint: ["/hello"], Env: ["A=b"], WorkingDir: "/w", User: "1:2" },
    });
    expect(configs[0]).not.toContain("Cmd");
  });

  test("stores a layer that two images share once, and is deterministic", async () => {
    const two = [image, { ...image, name: "example.org/other:1", config: {} }];
    const layout = await files(encodeImageLayout(two));
    expect([...layout.keys()].filter((path) => path.startsWith("blobs/sha256/"))).toHaveLength(5);
    expect(encodeImageLayout(two)).toEqual(encodeImageLayout(two));
  });
});
