// SPDX-License-Identifier: Apache-2.0
// What the builder makes, read by programs that were not written here: skopeo, umoci, and oras with a registry.
// Needs `npm run engines`; no root.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { startRegistry } from "../../../e2e/src/harness/registry.ts";
import { build, run } from "./run.ts";

setDefaultTimeout(60_000);

const folder = await mkdtemp(join(tmpdir(), "oci-tar-builder-"));
const path = (name: string) => join(folder, name);
const NAME = "example.org/app:1.0";
const ARCHIVES = ["module", "component", "layers", "rootfs"] as const;
type Archive = (typeof ARCHIVES)[number];

/** `sha256:…` of each archive's manifest, as the builder said. */
const digests = new Map<Archive, string>();
const digestOf = (archive: Archive) => digests.get(archive) ?? expect.unreachable();

beforeAll(async () => {
  for (const name of ["hello", "component-hello"])
    await writeFile(path(`${name}.wasm`), await testModule(name));
  await writeFile(path("notes.txt"), "notes\n");
  const commands: Record<Archive, readonly string[]> = {
    module: ["hello.wasm"],
    component: ["component-hello.wasm"],
    layers: [
      "-f",
      "layers",
      "--env",
      "A=1",
      "-l",
      "text/plain=notes.txt",
      "hello.wasm",
      "component-hello.wasm",
    ],
    rootfs: [
      "-f",
      "rootfs",
      "-p",
      "linux/amd64",
      "--file",
      "etc/notes=notes.txt",
      "bin/hello.wasm=hello.wasm",
    ],
  };
  for (const archive of ARCHIVES) {
    const said = await build(["-n", NAME, "-o", `${archive}.tar`, ...commands[archive]], folder);
    digests.set(archive, said.split(" ")[0] ?? "");
  }
});
afterAll(() => rm(folder, { recursive: true }));

const digest = (content: string) => `sha256:${new Bun.CryptoHasher("sha256").update(content).digest("hex")}`;

describe("skopeo", () => {
  test.each(ARCHIVES)(
    "reads and copies %s by its tag, with the digest that the builder printed",
    async (archive) => {
      const raw = await run(["skopeo", "inspect", "--raw", `oci-archive:${archive}.tar:1.0`], folder);
      expect(digest(raw)).toBe(digestOf(archive));
      await run(
        ["skopeo", "copy", "--preserve-digests", `oci-archive:${archive}.tar:1.0`, `oci:${archive}.copy:x`],
        folder,
      );
      const copied = await run(["skopeo", "inspect", "--raw", `oci:${archive}.copy:x`], folder);
      expect(digest(copied)).toBe(digestOf(archive));
    },
  );

  test("understands the images' configuration", async () => {
    const layers: unknown = JSON.parse(
      await run(["skopeo", "inspect", "oci-archive:layers.tar:1.0"], folder),
    );
    expect(layers).toMatchObject({ Architecture: "wasm", Os: "wasi", Env: ["A=1"] });
    const rootfs: unknown = JSON.parse(
      await run(["skopeo", "inspect", "--config", "oci-archive:rootfs.tar:1.0"], folder),
    );
    expect(rootfs).toMatchObject({ architecture: "amd64", config: { Entrypoint: ["/bin/hello.wasm"] } });
  });
});

describe("umoci", () => {
  async function unpackLayout(archive: Archive): Promise<string> {
    const layout = `${archive}.layout`;
    await mkdir(path(layout));
    await run(["tar", "-xf", `${archive}.tar`, "-C", layout], folder);
    return layout;
  }

  test.each(ARCHIVES)("lists %s and finds nothing in it that is not reachable", async (archive) => {
    const layout = await unpackLayout(archive);
    expect(await run(["umoci", "ls", "--layout", layout], folder)).toBe("1.0\n");
    const blobs = () => run(["ls", `${layout}/blobs/sha256`], folder);
    const before = await blobs();
    await run(["umoci", "gc", "--layout", layout], folder);
    expect(await blobs()).toBe(before);
  });

  test("unpacks the rootfs", async () => {
    await run(["umoci", "unpack", "--rootless", "--image", "rootfs.layout:1.0", "bundle"], folder);
    expect(await readFile(path("bundle/rootfs/etc/notes"), "utf8")).toBe("notes\n");
    expect(await readFile(path("bundle/rootfs/bin/hello.wasm"))).toEqual(await readFile(path("hello.wasm")));
  });

  test("understands the configuration over Wasm layers", async () => {
    await run(["umoci", "stat", "--image", "layers.layout:1.0"], folder);
  });
});

test("oras pushes each archive to a registry and pulls from there what was in it", async () => {
  await using registry = await startRegistry();
  for (const archive of ARCHIVES) {
    const remote = await registry.push(path(`${archive}.tar`), "1.0", `test/${archive}:1.0`);
    expect(digest(await run(["oras", "manifest", "fetch", "--plain-http", remote], folder))).toBe(
      digestOf(archive),
    );
    await run(["oras", "pull", "--no-tty", "--plain-http", "-o", `${archive}.pulled`, remote], folder);
  }
  const pulled = async (name: string) => expect(await readFile(path(name)));
  (await pulled("module.pulled/hello.wasm")).toEqual(await readFile(path("hello.wasm")));
  (await pulled("component.pulled/component-hello.wasm")).toEqual(
    await readFile(path("component-hello.wasm")),
  );
  for (const name of ["hello.wasm", "component-hello.wasm", "notes.txt"])
    (await pulled(`layers.pulled/${name}`)).toEqual(await readFile(path(name)));
});

test("what was pulled from a registry and packed again has the digest it had", async () => {
  const again = await build(["-n", NAME, "-o", "again.tar", "module.pulled/hello.wasm"], folder);
  expect(again).toBe(`${digestOf("module")} ${NAME}\n`);
});
