// SPDX-License-Identifier: Apache-2.0
// Images of Wasm layers that are wrong or hostile: the reason through `ctr`, and nothing left behind.
import { expect, test } from "bun:test";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createBlob, createJsonBlob, MANIFEST_TYPE, type Blob, type LayoutImage } from "@runwasi/oci";
import { testModule } from "@runwasi/test-modules";
import { runRecord } from "./artifacts/container-record.ts";
import { forEachArtifactShim } from "./artifacts/for-each-artifact-shim.ts";
import {
  artifactImage,
  importLayout,
  layerOf,
  layersImage,
  moduleLayer,
  WASM_CONFIG,
  WASM_LAYER,
} from "./artifacts/wasm-layers.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { runContainer } from "./harness/run.ts";

forEachArtifactShim((runtime, containerd) => {
  /** Runs an image that must fail, twice; answers what was said. Nothing is left of the second time, which finds all caches. */
  async function refused(name: string, args: readonly string[] = []): Promise<string> {
    await runRecord(containerd(), { runtime, image: imageName(name), args });
    const before = await listPossessions(containerd());
    const content = await contentState();
    const { exitCode, stderr } = await runRecord(containerd(), { runtime, image: imageName(name), args });
    expect(exitCode).not.toBe(0);
    await assertNothingLeft(containerd(), before);
    // containerd's garbage collector may have taken what an import left.
    expect(content).toEqual(expect.arrayContaining(await contentState()));
    return stderr;
  }

  /** Leases, unfinished writes and blobs. */
  async function contentState(): Promise<string[]> {
    const list = async (...args: string[]) => (await containerd().ctr(args)).stdout.split("\n");
    return [
      ...(await list("leases", "ls", "--quiet")),
      ...(await list("content", "active")),
      ...(await list("content", "ls", "--quiet")),
    ];
  }

  const blobPath = ({ descriptor }: Blob) =>
    join(
      containerd().folder,
      "root/io.containerd.content.v1.content/blobs",
      descriptor.digest.replace(":", "/"),
    );

  /** A module that no other test has: a custom section names the test and the shim. */
  async function ownLayer(test: string): Promise<Blob> {
    const name = new TextEncoder().encode(`${test} ${runtime}`);
    const section = [0, name.length + 1, name.length, ...name];
    return layerOf(Uint8Array.from([...(await testModule("hello")), ...section]), "hello.wasm");
  }

  test("a blob that was truncated in the content store", async () => {
    const layer = await ownLayer("truncated");
    await importLayout(containerd(), layersImage("truncated", [layer]));
    await truncate(blobPath(layer), 20);
    const words = await refused("truncated");
    expect(words).toContain(layer.descriptor.digest);
    expect(words).toContain("it has 20 bytes");
    expect(words).toContain("pull it again");
  });

  test("a blob that was tampered with, also after it had been used", async () => {
    const layer = await ownLayer("tampered");
    await importLayout(containerd(), layersImage("tampered", [layer]));
    const run = () => runContainer(containerd(), { runtime, image: imageName("tampered") });
    expect((await run()).stdout).toBe("hello world\n");
    const bytes = await readFile(blobPath(layer));
    bytes[bytes.length - 1] = 0;
    await writeFile(blobPath(layer), bytes);
    expect(await refused("tampered")).toContain("its content is of another digest");
  });

  test("a manifest that is not what its digest says", async () => {
    const image = layersImage("manifest", [await ownLayer("manifest")]);
    await importLayout(containerd(), image);
    const text = await readFile(blobPath(image.manifest), "utf8");
    await writeFile(blobPath(image.manifest), text.replace('"schemaVersion":2', '"schemaVersion":3'));
    expect(await refused("manifest")).toContain("its content is of another digest");
  });

  /** An image whose manifest is this JSON; its blobs are what was really imported. */
  const withManifest = (name: string, manifest: unknown, blobs: readonly Blob[]): LayoutImage => ({
    manifest: createJsonBlob(MANIFEST_TYPE, manifest),
    blobs,
    names: [{ refName: imageName(name), fullName: imageName(name) }],
  });
  const config = createJsonBlob(WASM_CONFIG, { architecture: "wasm", os: "wasip1" });

  test("a manifest that lies about its layer's size", async () => {
    const layer = await ownLayer("size");
    // Imported with an honest one first: containerd looks at the blobs of what it imports.
    await importLayout(containerd(), artifactImage("honest", [layer]));
    const lying = { ...layer.descriptor, size: layer.descriptor.size + 1 };
    await importLayout(
      containerd(),
      withManifest("size", { schemaVersion: 2, config: config.descriptor, layers: [lying] }, [config, layer]),
    );
    const words = await refused("size");
    expect(words).toContain(`it has ${layer.descriptor.size} bytes, and its descriptor says ${lying.size}`);
  });

  test("a layer of a type that is not known names it, and the accepted ones", async () => {
    await importLayout(
      containerd(),
      artifactImage("type", [layerOf(await testModule("hello"), "a", "application/x-other")]),
    );
    const words = await refused("type");
    expect(words).toContain('"application/x-other"');
    expect(words).toContain("application/vnd.wasm.content.layer.v1+wasm");
  });

  test("two layers in an artifact, which has one", async () => {
    await importLayout(
      containerd(),
      artifactImage("two", [await moduleLayer("hello"), await moduleLayer("args")]),
    );
    expect(await refused("two")).toContain("has 2 layers (a Wasm OCI artifact has exactly one)");
  });

  test("a configuration that is no JSON", async () => {
    const garbage = createBlob(WASM_CONFIG, new TextEncoder().encode("{"));
    await importLayout(containerd(), artifactImage("config", [await moduleLayer("hello")], garbage));
    expect(await refused("config")).toContain("its configuration is not JSON");
  });

  test("500 layers", async () => {
    const layers = Array.from({ length: 500 }, (_, index) =>
      layerOf(
        Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 3, 1, 0x78, index % 128]),
        `${index}.wasm`,
      ),
    );
    await importLayout(containerd(), layersImage("many", layers));
    expect(await refused("many", ["7.wasm"])).toContain("it has 500 layers (at most 128)");
  });

  test("a layer that is a native executable, or nothing that is known", async () => {
    const elf = layerOf(new Uint8Array(await readFile("/bin/true")), "true.wasm");
    await importLayout(containerd(), artifactImage("elf", [elf]));
    expect(await refused("elf")).toContain("is of type application/wasm, but it is native code");
    const text = layerOf(new TextEncoder().encode("neither"), "text.wasm");
    await importLayout(containerd(), artifactImage("text", [text]));
    expect(await refused("text")).toContain("it is no WebAssembly");
    const cut = layerOf((await testModule("hello")).subarray(0, 30), "cut.wasm");
    await importLayout(containerd(), artifactImage("cut", [cut]));
    expect(await refused("cut")).toContain("cut.wasm");
  });

  test("a title that leads out names nothing", async () => {
    for (const title of ["../../../etc/passwd", "/etc/passwd", "..", "a\nb", "-", "lib/libc.so.6"]) {
      await importLayout(
        containerd(),
        layersImage("title", [layerOf(await testModule("hello"), title, WASM_LAYER)]),
      );
      const run = runContainer(containerd(), { runtime, image: imageName("title") });
      expect(await run).toEqual({ exitCode: 0, stdout: "hello world\n", stderr: "" });
    }
  });

  test("an index without WebAssembly in it says so through containerd's own words", async () => {
    const image = layersImage("foreign", [await moduleLayer("hello")], {
      platform: { os: "windows", architecture: "amd64" },
    });
    await importLayout(containerd(), image);
    const flags = ["--platform", "wasip1/wasm"];
    const index = createJsonBlob("application/vnd.oci.image.index.v1+json", {
      schemaVersion: 2,
      manifests: [{ ...image.manifest.descriptor, platform: { os: "windows", architecture: "amd64" } }],
    });
    await importLayout(containerd(), { ...image, manifest: index, blobs: [...image.blobs, image.manifest] });
    const { exitCode, stderr } = await runContainer(containerd(), {
      runtime,
      image: imageName("foreign"),
      flags,
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("no match for platform");
    // Made without ctr's look at the platform, it is the shim that finds nothing to run.
    expect(await refused("foreign", ["hello.wasm"])).toContain("no such file in the container");
  });

  test("a layer that containerd has lost is asked for by name", async () => {
    const layer = await ownLayer("lost");
    await importLayout(containerd(), layersImage("lost", [layer]));
    await containerd().ctr(["content", "rm", layer.descriptor.digest]);
    // Its file stays until containerd collects garbage, at this lease's end.
    await containerd().ctr(["leases", "create", "--id", "sweep"]);
    await containerd().ctr(["leases", "delete", "--sync", "sweep"]);
    const words = await refused("lost");
    expect(words).toContain(layer.descriptor.digest);
    expect(words).toContain("not found");
    expect(words).toContain("pull the image again");
  });
});
