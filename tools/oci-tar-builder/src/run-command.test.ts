// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { BuildError, type BuildErrorKind } from "./build-error.ts";
import { runCommand, type CommandStreams } from "./run-command.ts";
import { readArchive, type ReadImage } from "./testing/read-archive.ts";

const TITLE = "org.opencontainers.image.title";
const folder = mkdtempSync(join(tmpdir(), "oci-tar-builder-"));
const path = (name: string) => join(folder, name);
const hello = await testModule("hello");
const component = await testModule("component-hello");

beforeAll(() => {
  writeFileSync(path("hello.wasm"), hello);
  writeFileSync(path("component.wasm"), component);
  writeFileSync(path("nothing.wat"), "(module)");
  writeFileSync(path("config.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(argv: readonly string[], streams: Partial<CommandStreams> = {}): Promise<Uint8Array> {
  let output: Uint8Array = new Uint8Array(0);
  await runCommand(argv, {
    stdin: async () => hello,
    async stdout(content) {
      output = typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
    isTerminal: false,
    sourceDateEpoch: undefined,
    ...streams,
  });
  return output;
}

async function build(...argv: readonly string[]): Promise<ReadImage> {
  return await readArchive(await run(argv));
}

test("an artifact of a module has the specification's form", async () => {
  const { index, manifest, config, blobs } = await build("--name", "example.org/a:1", path("hello.wasm"));
  expect(index.manifests).toMatchObject([
    {
      platform: { os: "wasip1", architecture: "wasm" },
      annotations: {
        "io.containerd.image.name": "example.org/a:1",
        "org.opencontainers.image.ref.name": "1",
      },
    },
  ]);
  expect(manifest).toMatchObject({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.wasm.config.v0+json" },
    layers: [{ mediaType: "application/wasm", size: hello.length, annotations: { [TITLE]: "hello.wasm" } }],
  });
  const [layer] = manifest.layers;
  expect(blobs.get(layer?.digest ?? "")).toEqual(hello);
  expect(config).toEqual({
    created: "1970-01-01T00:00:00Z",
    architecture: "wasm",
    os: "wasip1",
    layerDigests: [layer?.digest ?? ""],
  });
});

test("an artifact of a component records imports, exports and the world it is for", async () => {
  const { config } = await build(path("component.wasm"), "--author", "A. Hacker", "-a", "x=y=z");
  expect(config).toMatchObject({
    author: "A. Hacker",
    os: "wasip2",
    component: {
      exports: ["wasi:cli/run@0.2.10"],
      imports: ["wasi:io/error@0.2.10", "wasi:io/streams@0.2.10", "wasi:cli/stdout@0.2.10"],
      target: "wasi:cli/command@0.2.10",
    },
  });
  const given = await build(path("component.wasm"), "--target", "my:own/world@1.0.0", "-a", "x=y=z");
  expect(given.config["component"]).toMatchObject({ target: "my:own/world@1.0.0" });
  expect(given.manifest.annotations).toEqual({ x: "y=z" });
});

test("text is assembled, and its layer is called .wasm", async () => {
  const { manifest, blobs } = await build(path("nothing.wat"));
  const [layer] = manifest.layers;
  expect(layer?.annotations).toEqual({ [TITLE]: "nothing.wasm" });
  expect(blobs.get(layer?.digest ?? "")).toEqual(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
});

test("stdin is a module, under the title given", async () => {
  const title = async (...argv: readonly string[]) => (await build(...argv)).manifest.layers[0]?.annotations;
  expect(await title("-")).toEqual({ [TITLE]: "module.wasm" });
  expect(await title("app/main.wasm=-")).toEqual({ [TITLE]: "app/main.wasm" });
});

test("an image of layers has an entrypoint, a process and every layer in order", async () => {
  const json = path("config.json");
  const { index, manifest, config, blobs } = await build(
    ..."--format layers -n example.org/two -t 1 -t 2".split(" "),
    ...`${path("hello.wasm")} second.wasm=${path("component.wasm")}`.split(" "),
    ...`--layer application/x+json=${json} --layer text/plain=docs/notes.txt=${json} --file /etc/app=${json}`.split(
      " ",
    ),
    ..."--cmd serve --env A=1 --env B= --workdir /w --user 7 --label k=v".split(" "),
  );
  expect(index.manifests).toHaveLength(2);
  expect(index.manifests[0]).toMatchObject({ platform: { os: "wasi", architecture: "wasm" } });
  const type = "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm";
  expect(manifest.config.mediaType).toBe("application/vnd.oci.image.config.v1+json");
  expect(manifest.layers.map(({ mediaType, annotations }) => [mediaType, annotations?.[TITLE]])).toEqual([
    ["application/vnd.oci.image.layer.v1.tar", undefined],
    [type, "hello.wasm"],
    [type, "second.wasm"],
    ["application/x+json", "config.json"],
    ["text/plain", "docs/notes.txt"],
  ]);
  expect(blobs.get(manifest.layers[2]?.digest ?? "")).toEqual(component);
  expect(config).toMatchObject({
    os: "wasi",
    architecture: "wasm",
    config: {
      Entrypoint: ["hello.wasm"],
      Cmd: ["serve"],
      Env: ["A=1", "B="],
      WorkingDir: "/w",
      User: "7",
      Labels: { k: "v", "containerd.runwasi.layers": expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
    rootfs: { type: "layers", diff_ids: [manifest.layers[0]?.digest ?? ""] },
  });
});

test("entrypoint, platform and type of layers are those given", async () => {
  const type = "application/vnd.wasm.content.layer.v1+wasm";
  const { config, manifest } = await build(
    ...`-f layers -e hello.wasm --entrypoint=--flag -p linux/arm64/v8 --wasm-type ${type}`.split(" "),
    path("hello.wasm"),
  );
  expect(config).toMatchObject({ os: "linux", architecture: "arm64", variant: "v8" });
  expect(config["config"]).toMatchObject({ Entrypoint: ["hello.wasm", "--flag"] });
  expect(manifest.layers[0]?.mediaType).toBe(type);
});

test("a rootfs image has modules and files in one layer, with their folders", async () => {
  const { manifest, config, blobs } = await build(
    ...`-f rootfs -p linux/amd64 bin/app.wasm=${path("hello.wasm")}`.split(" "),
    ...`--file etc/app/c.json=${path("config.json")}`.split(" "),
  );
  expect(config).toMatchObject({ config: { Entrypoint: ["/bin/app.wasm"] }, os: "linux" });
  const [layer] = manifest.layers;
  const listing = Bun.spawn(["tar", "-tvf", "-"], {
    stdin: blobs.get(layer?.digest ?? "") ?? new Uint8Array(),
  });
  const lines = (await listing.stdout.text()).trim().split("\n");
  expect(lines.map((line) => [line.slice(0, 10), line.split(" ").at(-1)])).toEqual([
    ["drwxr-xr-x", "bin/"],
    ["drwxr-xr-x", "etc/"],
    ["drwxr-xr-x", "etc/app/"],
    ["-rwxr-xr-x", "bin/app.wasm"],
    ["-rwxr-xr-x", "etc/app/c.json"],
  ]);
});

test("equal input gives equal bytes; the time is the one that is asked for", async () => {
  for (const format of ["artifact", "layers", "rootfs"]) {
    const argv = ["-f", format, "-n", "example.org/a", path("hello.wasm")];
    expect(await run(argv)).toEqual(await run(argv));
  }
  const created = async (argv: readonly string[], sourceDateEpoch: string) =>
    (await readArchive(await run([...argv, "-"], { sourceDateEpoch }))).config["created"];
  expect(await created([], "86400")).toBe("1970-01-02T00:00:00Z");
  expect(await created(["--created", "2026-01-02T03:04:05Z"], "86400")).toBe("2026-01-02T03:04:05Z");
});

test("--help explains every format and option", async () => {
  const help = new TextDecoder().decode(await run(["--help"], { isTerminal: true }));
  for (const word of [
    "artifact",
    "layers",
    "rootfs",
    "--wasm-type",
    "--entrypoint",
    "SOURCE_DATE_EPOCH",
    "stdin",
  ])
    expect(help).toContain(word);
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
});

/** The kind of the error of a command line that must fail and leave the folder as it is. */
async function failure(...argv: readonly string[]): Promise<BuildErrorKind> {
  const before = readdirSync(folder);
  try {
    await run(argv);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    expect(readdirSync(folder)).toEqual(before);
    return error.kind;
  }
  throw new Error(`${argv.join(" ")} does not fail`);
}

const HELLO = path("hello.wasm");

test.each([
  ["no module", []],
  ["an unknown option", ["--nope", HELLO]],
  ["an option without its value", [HELLO, "--name"]],
  ["an unknown format", ["-f", "docker", HELLO]],
  ["two modules in an artifact", [HELLO, path("component.wasm")]],
  ["an option of another format", ["--env", "A=1", HELLO]],
  ["a layer in an artifact", ["--layer", `text/plain=${HELLO}`, HELLO]],
  ["a target for a module", ["--target", "a:b/c", HELLO]],
  ["stdin twice", ["-f", "layers", "a=-", "b=-"]],
  ["a name that is none", ["--name", "Not A Name", HELLO]],
  ["an annotation without value", ["-a", "x", HELLO]],
  ["an annotation twice", ["-a", "x=1", "-a", "x=2", HELLO]],
  ["a platform that is none", ["-f", "layers", "-p", "linux", HELLO]],
  ["a media type that is none", ["-f", "layers", "-l", `plain=${HELLO}`, HELLO]],
  ["a type of module layers that no shim knows", ["-f", "layers", "--wasm-type", "text/plain", HELLO]],
  ["a relative working directory", ["-f", "layers", "--workdir", "w", HELLO]],
  ["a time that is none", ["--created", "yesterday", HELLO]],
] as const)("%s: usage", async (_title, argv) => {
  expect(await failure(...argv, "-o", path("out.tar"))).toBe("usage");
});

test.each([
  ["a missing module", [path("nope.wasm")]],
  ["a folder for a module", [folder]],
  ["a missing file", ["-f", "rootfs", "--file", `a=${path("nope")}`, HELLO]],
  ["a missing layer", ["-f", "layers", "--layer", `text/plain=${path("nope")}`, HELLO]],
  ["a native program", ["/bin/sh"]],
  ["a title that leaves its folder", [`../../etc/x=${HELLO}`]],
  ["a file that leaves the rootfs", ["-f", "rootfs", "--file", `etc/../../x=${HELLO}`, HELLO]],
  ["a title twice", ["-f", "layers", HELLO, HELLO]],
  ["a layer with a module's title", ["-f", "layers", HELLO, "-l", `text/plain=hello.wasm=${HELLO}`]],
  ["a file in a module's place", ["-f", "rootfs", HELLO, "--file", `hello.wasm=${HELLO}`]],
  ["a file below a file", ["-f", "rootfs", HELLO, "--file", `hello.wasm/x=${HELLO}`]],
  ["a path that tar cannot hold", ["-f", "rootfs", `${"x".repeat(101)}=${HELLO}`]],
] as const)("%s: input", async (_title, argv) => {
  expect(await failure(...argv, "-o", path("out.tar"))).toBe("input");
});

test("an output that cannot be written leaves nothing, and a file that was there before", async () => {
  expect(await failure(HELLO, "-o", path("none/out.tar"))).toBe("output");
  expect(await failure(HELLO, "-o", folder)).toBe("output");
  writeFileSync(path("out.tar"), "before");
  expect(await failure(path("nope.wasm"), "-o", path("out.tar"))).toBe("input");
  expect(readFileSync(path("out.tar"), "utf8")).toBe("before");
  const said = new TextDecoder().decode(await run([HELLO, "-n", "a.example/b", "-o", path("out.tar")]));
  const { index } = await readArchive(readFileSync(path("out.tar")));
  expect(said).toBe(`${String(index.manifests[0]?.["digest"])} a.example/b:latest\n`);
  expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  rmSync(path("out.tar"));
});

test("a device is written to, not replaced", async () => {
  await run([HELLO, "-o", "/dev/null"]);
  expect((await Bun.file("/dev/null").stat()).isCharacterDevice()).toBe(true);
});

test("a terminal gets no archive", async () => {
  expect(run([HELLO], { isTerminal: true })).rejects.toThrow("terminal");
});
