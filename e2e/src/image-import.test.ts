// SPDX-License-Identifier: Apache-2.0
// What oci-tar-builder makes, and what its Rust peer does, imported by `ctr image import`: names, platforms, digests and
// content as they were. Older containerds take no Wasm layers.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { imageToolBins } from "../../scripts/toolchain/image-tools.ts";
import { mustRun } from "./harness/command.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";

setDefaultTimeout(60_000);

const BUILDER = [process.execPath, resolve(import.meta.dir, "../../tools/oci-tar-builder/src/main.ts")];
const MODULES = ["hello", "component-hello"] as const;

let started: Containerd | undefined;
const containerd = () => started ?? expect.unreachable();
const path = (name: string) => join(containerd().folder, name);

beforeAll(async () => {
  started = await startContainerd({ version: "2.4.2" });
  for (const name of MODULES) await writeFile(path(`${name}.wasm`), await testModule(name));
});
afterAll(async () => {
  await started?.[Symbol.asyncDispose]();
});

async function ctr(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await containerd().ctr(args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout;
}

/** Columns of `ctr image list` by the image's name. */
async function listed(name: string): Promise<string> {
  const lines = (await ctr("image", "list", `name==${name}`)).trim().split("\n");
  expect(lines).toHaveLength(2);
  return lines[1]?.replaceAll(/ +/g, " ") ?? "";
}

/** Builds and imports an archive; answers the manifest's digest as the builder printed it. */
async function importBuilt(archive: string, ...args: string[]): Promise<string> {
  const said = await mustRun([...BUILDER, "-o", path(archive), ...args]);
  await ctr("image", "import", "--all-platforms", path(archive));
  return said.split(" ")[0] ?? "";
}

test.each(MODULES)("the artifact of %s is imported under its names", async (module) => {
  const name = `example.org/${module}:1.0`;
  const digest = await importBuilt(`${module}.tar`, "-n", name, "-t", "2", path(`${module}.wasm`));
  for (const full of [name, `example.org/${module}:2`]) {
    const line = await listed(full);
    expect(line).toContain(digest);
    // Its PLATFORMS column is of image configurations alone.
    expect(line).toContain("application/vnd.oci.image.manifest.v1+json");
  }
  const { stdout } = await containerd().ctrForBytes(["content", "get", await layerOf(digest)]);
  expect(Buffer.from(stdout)).toEqual(Buffer.from(await testModule(module)));
});

async function layerOf(manifest: string): Promise<string> {
  const parsed: { layers: { digest: string }[] } = JSON.parse(await ctr("content", "get", manifest));
  return parsed.layers[0]?.digest ?? "";
}

test("an image of several layers is listed for the platform that it was given", async () => {
  const name = "example.org/several:latest";
  const modules = MODULES.map((module) => path(`${module}.wasm`));
  const options = [
    "-f",
    "layers",
    "-p",
    "wasi/wasm",
    "-n",
    name,
    "-l",
    `text/plain=${path("hello.wasm.txt")}`,
  ];
  await writeFile(path("hello.wasm.txt"), "notes");
  const digest = await importBuilt("several.tar", ...options, ...modules);
  const line = await listed(name);
  expect(line).toContain(digest);
  expect(line).toContain("wasi/wasm");
});

test("a rootfs image is unpacked, and its files are there", async () => {
  const name = "example.org/rootfs:latest";
  await importBuilt("rootfs.tar", "-f", "rootfs", "-p", "linux/amd64", "-n", name, path("hello.wasm"));
  expect(await listed(name)).toContain("linux/amd64");
  expect(await ctr("snapshot", "list")).toContain("Committed");
});

test("the Rust builder's image imports as ours does", async () => {
  const peer = join(imageToolBins.find((bin) => bin.includes("oci-tar-builder")) ?? "", "oci-tar-builder");
  const options = ["--name", "peer", "--repo", "example.org", "--tag", "1", "--module", path("hello.wasm")];
  await mustRun([peer, ...options, "--out-path", path("peer.tar")]);
  await ctr("image", "import", "--all-platforms", path("peer.tar"));
  expect(await listed("example.org/peer:1")).toContain("wasip1/wasm");
});
