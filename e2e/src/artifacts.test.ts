// SPDX-License-Identifier: Apache-2.0
// Images whose layers are WebAssembly, in every form that is about, run without a rootfs.
import { expect, test } from "bun:test";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createBlob, createImage, encodeLayoutArchive, encodeTar, ROOTFS_LAYER_TYPE } from "@runwasi/oci";
import { testModule } from "@runwasi/test-modules";
import { imageToolBins } from "../../scripts/toolchain/image-tools.ts";
import { runRecord } from "./artifacts/container-record.ts";
import { forEachArtifactShim } from "./artifacts/for-each-artifact-shim.ts";
import {
  artifactImage,
  importArchive,
  importLayout,
  layerOf,
  layersImage,
  moduleLayer,
} from "./artifacts/wasm-layers.ts";
import { mustRun } from "./harness/command.ts";
import { startDetached } from "./harness/detached.ts";
import { execIn } from "./harness/exec.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { startRegistry } from "./harness/registry.ts";
import { runContainer } from "./harness/run.ts";

const HELLO = { exitCode: 0, stdout: "hello world\n", stderr: "" };
const BUILDER = resolve(import.meta.dir, "../../tools/oci-tar-builder/src/main.ts");

forEachArtifactShim((runtime, containerd) => {
  const run = (name: string, args: readonly string[] = [], flags: readonly string[] = []) =>
    runContainer(containerd(), { runtime, image: imageName(name), args, flags });

  test.each([
    "application/wasm",
    "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
    "application/vnd.wasm.content.layer.v1+wasm",
  ])("a layer of type %s runs, and nothing is left of it", async (type) => {
    await importLayout(containerd(), layersImage("typed", [await moduleLayer("hello", type)]));
    expect(await run("typed")).toEqual(HELLO);
    const before = await listPossessions(containerd());
    expect(await run("typed")).toEqual(HELLO);
    await assertNothingLeft(containerd(), before);
  });

  test.each(["wasi", "wasip1", "wasip2"])("an image for %s/wasm runs", async (os) => {
    const layer = await moduleLayer(os === "wasip2" ? "component-hello" : "hello");
    await importLayout(
      containerd(),
      layersImage("platform", [layer], { platform: { os, architecture: "wasm" } }),
    );
    expect((await run("platform")).exitCode).toBe(0);
    expect((await run("platform", [], ["--platform", `${os}/wasm`])).exitCode).toBe(0);
  });

  test("a wasm OCI artifact, pushed and pulled through a registry, runs", async () => {
    await using registry = await startRegistry();
    const { folder } = containerd();
    const [file, archive] = [join(folder, "hello.wasm"), join(folder, "artifact.tar")];
    await writeFile(file, await testModule("hello"));
    await mustRun([process.execPath, BUILDER, "--name", "example.org/a:1.0", "--output", archive, file]);
    const pushed = await registry.push(archive, "1.0", "test/artifact:1.0");
    const pull = await containerd().ctr(["image", "pull", "--plain-http", pushed]);
    expect(pull).toMatchObject({ exitCode: 0 });
    expect(await runRecord(containerd(), { runtime, image: pushed })).toMatchObject(HELLO);
    const named = await runRecord(containerd(), { runtime, image: pushed, args: ["hello.wasm", "x"] });
    expect(named).toMatchObject(HELLO);
    // Its own words, not ours: docs/operators.md says how such an image is run.
    expect((await runContainer(containerd(), { runtime, image: pushed })).stderr).toContain(
      "unknown image config media type application/vnd.wasm.config.v0+json",
    );
  });

  test("of an index the manifest for WebAssembly is taken, one for another platform is left alone", async () => {
    const wasm = layersImage("index", [await moduleLayer("hello")]);
    const native = { os: "windows", architecture: "amd64" };
    const other = layersImage("index", [await moduleLayer("exit")], { platform: native });
    const { folder } = containerd();
    await using registry = await startRegistry();
    for (const [tag, image] of [
      ["wasm", wasm],
      ["other", other],
    ] as const) {
      const archive = join(folder, `${tag}.tar`);
      await writeFile(
        archive,
        encodeLayoutArchive([{ ...image, names: [{ refName: tag, fullName: `x.test/i:${tag}` }] }]),
      );
      await registry.push(archive, tag, `test/index:${tag}`);
    }
    await registry.pushIndex("test/index:all", ["wasm", "other"]);
    const index = `${registry.host}/test/index:all`;
    // containerd itself pulls nothing for a platform that it unpacks nothing for.
    const pull = ["image", "pull", "--local", "--plain-http", "--platform", "wasip1/wasm", index];
    expect(await containerd().ctr(pull)).toMatchObject({ exitCode: 0 });
    const flags = ["--platform", "wasip1/wasm"];
    expect(await runContainer(containerd(), { runtime, image: index, flags })).toEqual(HELLO);
  });

  test("what the image and the command line say is what the guest sees", async () => {
    const layer = await moduleLayer("args");
    const process = { entrypoint: ["args.wasm", "from image"], env: ["A=b c"] };
    await importLayout(containerd(), layersImage("args", [layer], { process }));
    expect((await run("args")).stdout).toBe("args.wasm\nfrom image\n");
    expect((await run("args", ["anything", "--at", "all"])).stdout).toBe("anything\n--at\nall\n");
    await importLayout(containerd(), layersImage("env", [await moduleLayer("env")], { process }));
    expect((await run("env")).stdout).toContain("A=b c\n");
  });

  test("a function of the layer is named behind a #", async () => {
    await importLayout(containerd(), layersImage("function", [await moduleLayer("named-export")]));
    expect((await run("function", ["named-export.wasm#greet"])).stdout).toBe("from greet\n");
    expect((await run("function", ["x#absent"])).stderr).toContain('no function "absent"');
  });

  test("of several layers the entrypoint's title chooses one; others are listed", async () => {
    const layers = [
      await moduleLayer("hello"),
      await moduleLayer("args"),
      layerOf(await testModule("exit"), undefined),
    ];
    const process = { entrypoint: ["args.wasm"] };
    await importLayout(containerd(), layersImage("several", layers, { process }));
    expect((await run("several")).stdout).toBe("args.wasm\n");
    expect((await run("several", ["/hello.wasm"])).stdout).toBe("hello world\n");
    const { exitCode, stderr } = await run("several", ["absent.wasm"]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('none has the title "absent.wasm"');
    expect(stderr).toContain("hello.wasm, args.wasm, (without a title)");
    const twice = [await moduleLayer("hello"), layerOf(await testModule("args"), "hello.wasm")];
    await importLayout(containerd(), layersImage("ambiguous", twice));
    expect((await run("ambiguous", ["hello.wasm"])).stderr).toContain(
      'more than one has the title "hello.wasm"',
    );
  });

  test("layers of other types beside it are left alone", async () => {
    const notes = createBlob("text/plain", new TextEncoder().encode("notes"));
    await importLayout(containerd(), layersImage("notes", [notes, await moduleLayer("hello")]));
    expect(await run("notes")).toEqual(HELLO);
  });

  test("an older image, of files and with the annotation module.wasm.image/variant, runs from its rootfs", async () => {
    const files = [{ kind: "file" as const, path: "hello.wasm", content: await testModule("hello") }];
    const image = createImage({
      names: [{ refName: imageName("compat"), fullName: imageName("compat") }],
      platform: { os: "wasi", architecture: "wasm" },
      process: { entrypoint: ["/hello.wasm"] },
      layers: [createBlob(ROOTFS_LAYER_TYPE, encodeTar(files))],
      annotations: { "module.wasm.image/variant": "compat" },
    });
    await importLayout(containerd(), image);
    expect(await run("compat")).toEqual(HELLO);
  });

  test("what the Rust project's builder makes runs", async () => {
    const builder = join(
      imageToolBins.find((bin) => bin.includes("oci-tar-builder")) ?? "",
      "oci-tar-builder",
    );
    const { folder } = containerd();
    await writeFile(join(folder, "app.wasm"), await testModule("hello"));
    const flags = [
      "--name",
      "app",
      "--repo",
      "example.org",
      "--tag",
      "1",
      "--module",
      join(folder, "app.wasm"),
    ];
    await mustRun([builder, ...flags, "--out-path", join(folder, "peer.tar")]);
    await importArchive(containerd(), join(folder, "peer.tar"));
    expect(await runContainer(containerd(), { runtime, image: "example.org/app:1" })).toEqual(HELLO);
  });

  test("a read-only root and a user without rights do not stand in its way", async () => {
    await importLayout(containerd(), layersImage("narrow", [await moduleLayer("hello")]));
    expect(await run("narrow", [], ["--read-only", "--user", "1000:1000"])).toEqual(HELLO);
  });

  test("blobs that only root may read are copied once for everybody", async () => {
    const layer = layerOf(Uint8Array.from([...(await testModule("hello")), 0, 2, 1, 0x78]), "hello.wasm");
    await importLayout(containerd(), layersImage("umask", [layer]));
    const hex = layer.descriptor.digest.replace("sha256:", "");
    const store = join(containerd().folder, "root/io.containerd.content.v1.content/blobs/sha256", hex);
    await chmod(store, 0o400); // as under umask 077
    for (let round = 0; round < 2; round += 1)
      expect(await run("umask", [], ["--user", "1000:1000"])).toEqual(HELLO);
    expect(await readdir(join(containerd().mounts.nodeFolder, "blobs"))).toEqual([hex]);
  });

  test("the layer is executed beside itself, by its name", async () => {
    await importLayout(containerd(), layersImage("sleep", [await moduleLayer("sleep")]));
    await using container = await startDetached(containerd(), {
      runtime,
      image: imageName("sleep"),
      args: ["sleep.wasm"],
    });
    const exec = (name: string) => execIn(containerd(), container, { args: [name, "0"] });
    expect((await exec("sleep.wasm")).exitCode).toBe(0);
    expect((await exec("absent.wasm")).exitCode).not.toBe(0);
  });

  test("an artifact's configuration is not looked at for a command", async () => {
    await importLayout(containerd(), artifactImage("bare", [await moduleLayer("args")]));
    const { stdout } = await runRecord(containerd(), {
      runtime,
      image: imageName("bare"),
      args: ["one", "two"],
    });
    expect(stdout).toBe("one\ntwo\n");
  });
});
