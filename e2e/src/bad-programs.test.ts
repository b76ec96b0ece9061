// SPDX-License-Identifier: Apache-2.0
// What cannot run is refused with an error that names the thing, and leaves nothing behind.
import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wasmtimeBin } from "../../scripts/toolchain/wasmtime.ts";
import { mustRun } from "./harness/command.ts";
import { DIST, startContainerd } from "./harness/containerd.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages, type TestImage } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { writeSpec } from "./harness/spec.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const MODULES = [
  "hello",
  "truncated",
  "magic-only",
  "empty-component",
  "bad-import",
  "no-start",
  "named-export",
];
const image = imageName("wasm");

async function images(): Promise<TestImage[]> {
  const wasm = await wasmImage("wasm", MODULES);
  return [
    {
      ...wasm,
      layers: [
        ...wasm.layers,
        [
          { kind: "file", path: "data.bin", content: "\u0001\u0002strange", mode: 0o755 },
          { kind: "file", path: "plain.txt", content: "just text\n", mode: 0o644 },
          { kind: "file", path: "empty", content: "", mode: 0o755 },
          { kind: "symlink", path: "loop-link", target: "loop-link" },
        ],
      ],
    },
  ];
}

/** args of a container, and what the error must tell. */
const PROGRAMS: readonly {
  readonly title: string;
  readonly args: string[];
  readonly tells: readonly string[];
}[] = [
  { title: "a file that is not there", args: ["/nope"], tells: ["/nope"] },
  { title: "a name that is not on PATH", args: ["nope"], tells: ["nope"] },
  { title: "a directory", args: ["/work"], tells: ["/work"] },
  { title: "a symlink to itself", args: ["/loop-link"], tells: ["/loop-link"] },
  { title: "an executable of no known kind", args: ["/data.bin"], tells: ["/data.bin", "01 02 73 74"] },
  { title: "a file that is not executable", args: ["/plain.txt"], tells: ["/plain.txt"] },
  { title: "an empty file", args: ["/empty"], tells: ["/empty"] },
  { title: "a truncated module", args: ["/truncated.wasm"], tells: ["/truncated.wasm"] },
  { title: "a module of four bytes", args: ["/magic-only.wasm"], tells: ["/magic-only.wasm"] },
  {
    title: "a module with an import that no engine has",
    args: ["/bad-import.wasm"],
    tells: ["/bad-import.wasm", "env", "nope"],
  },
  {
    title: "an entry function that is not exported",
    args: ["/hello.wasm#nope"],
    tells: ["/hello.wasm", "nope"],
  },
  { title: "a module without _start", args: ["/no-start.wasm"], tells: ["/no-start.wasm", "_start"] },
];

forEachShim(SHIMS, images, ({ version, runtime, containerd }) => {
  test.each([...PROGRAMS])("$title fails Create or Start by name", async ({ args, tells }) => {
    await runContainer(containerd(), { runtime, image });
    const before = await listPossessions(containerd());
    const { stdout, stderr, exitCode } = await runContainer(containerd(), { runtime, image, args });
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe("");
    // crun prints its own error on the container's stderr besides; what counts is containerd's answer.
    const answer = stderr.slice(stderr.indexOf("ctr: "));
    for (const word of tells) expect(answer).toContain(word);
    await assertNothingLeft(containerd(), before);
  });

  test("empty args fail Create", async () => {
    const { id, flags } = await writeSpec(containerd(), [], { process: { args: [] } });
    const { stderr, exitCode } = await runContainer(containerd(), { runtime, id, flags });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("args");
  });

  describe("runtime options", () => {
    async function withOptions(toml: string) {
      const path = join(containerd().folder, `${runtime}-options.toml`);
      await writeFile(path, toml);
      return await runContainer(containerd(), { runtime, image, flags: ["--runtime-config-path", path] });
    }

    test("that are known are used", async () => {
      expect(await withOptions('BinaryName = "/usr/sbin/runc"\n')).toEqual({
        stdout: "hello world\n",
        stderr: "",
        exitCode: 0,
      });
    });

    test.each([
      ["an unknown name", "Frobnicate = 1\n", "Frobnicate"],
      ["an unknown name in a table", '[preopens]\nfrobnicate = ["/"]\n', "preopens.frobnicate"],
      ["a value of the wrong type", '[preopens]\ndefault = "work"\n', "preopens.default"],
      ["an OCI runtime that is not there", 'BinaryName = "/nope/crun"\n', "/nope/crun"],
      ["no TOML", "= =\n", "options.toml"],
    ])("with %s fail Create by name", async (_title, toml, tells) => {
      const { stdout, stderr, exitCode } = await withOptions(toml);
      expect(exitCode).not.toBe(0);
      expect(stdout).toBe("");
      expect(stderr).toContain(tells);
    });
  });

  if (runtime === "wasmtime") {
    test("a machine without the engine's executable fails Create by name, unless an option tells where it is", async () => {
      await using bare = await startContainerd({ version, path: [DIST, "/usr/sbin", "/usr/bin"] });
      await importImages(bare, await images());
      const { stderr, exitCode } = await runContainer(bare, { runtime, image });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('"wasmtime"');
      const options = join(bare.folder, "options.toml");
      const flags = ["--runtime-config-path", options];
      await writeFile(options, `[wasmtime]\npath = "${join(wasmtimeBin(), "wasmtime")}"\n`);
      expect((await runContainer(bare, { runtime, image, flags })).stdout).toBe("hello world\n");
      await writeFile(options, '[wasmtime]\npath = "/nope/wasmtime"\n');
      expect((await runContainer(bare, { runtime, image, flags })).stderr).toContain("/nope/wasmtime");
    });
  }

  test("a machine without an OCI runtime fails Create by name", async () => {
    await using bare = await startContainerd({ version });
    await importImages(bare, await images());
    for (const name of ["crun", "runc", "youki"]) {
      const executable = Bun.which(name);
      // In the mounts of this containerd alone.
      if (executable !== null) await mustRun(bare.mounts.enter(["mount", "--bind", "/dev/null", executable]));
    }
    const { stderr, exitCode } = await runContainer(bare, { runtime, image });
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/crun|runc/);
  });
});
