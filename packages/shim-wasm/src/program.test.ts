// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { makeFifo } from "@runwasi/containerd-shimkit/testing/fifo.ts";
import { openFds } from "@runwasi/containerd-shimkit/testing/open-fds.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { RuntimeSpec } from "@runwasi/oci";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { findProgram, type Program } from "./program.ts";
import { containerFiles } from "./rootfs/container-file.ts";
import {
  COMPONENT_PREAMBLE,
  MODULE_PREAMBLE,
  REAL_MODULE,
  section,
} from "@runwasi/wasm-binary/testing/wasm-bytes.ts";

const ELF = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);

interface Process {
  readonly cwd?: string;
  readonly env?: string[];
}

function createRootfs(content: Readonly<Record<string, Uint8Array | string>>) {
  const folder = createTemporaryFolder();
  mkdirSync(join(folder.path, "rootfs"));
  const at = (path: string) => join(folder.path, "rootfs", path);
  for (const [path, bytes] of Object.entries(content)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), bytes);
  }
  const spec = (args: string[] | undefined, { cwd = "/", env }: Process): RuntimeSpec => ({
    ociVersion: "1.0.0",
    process: { args, cwd, env },
  });
  return {
    at,
    find(arg0: string | undefined, process: Process = {}): Program {
      const before = openFds();
      try {
        const asked = spec(arg0 === undefined ? undefined : [arg0], process);
        return findProgram(asked, containerFiles(folder.path, asked));
      } finally {
        expect(openFds()).toEqual(before);
      }
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("a native program, by ELF header or #!, with the x bit or without", () => {
  using rootfs = createRootfs({ "bin/elf": ELF, "bin/script": "#!/bin/sh\n" });
  expect(rootfs.find("/bin/elf")).toEqual({ kind: "native" });
  expect(rootfs.find("/bin/script")).toEqual({ kind: "native" });
  chmodSync(rootfs.at("bin/elf"), 0o755);
  expect(rootfs.find("elf")).toEqual({ kind: "native" });
});

test("a module with its interface, a component, a text", () => {
  using rootfs = createRootfs({
    "app.wasm": REAL_MODULE,
    "component.wasm": new Uint8Array([...COMPONENT_PREAMBLE, ...section(0, [1, 0x61])]),
    "app.wat": "(module)",
  });
  const program = rootfs.find("/app.wasm");
  if (program.kind !== "wasm" || program.format.kind !== "module") expect.unreachable();
  expect(program).toMatchObject({ path: "/app.wasm", invoke: undefined });
  expect(program.format.interface.exports.map(({ name }) => name)).toEqual(["memory", "_start", "extra"]);
  expect(rootfs.find("/component.wasm")).toMatchObject({ kind: "wasm", format: { kind: "component" } });
  expect(rootfs.find("/app.wat")).toMatchObject({ kind: "wasm", format: { kind: "text" } });
});

test("a bare name is looked up on the container's PATH, its last if there are two, else the usual folders", () => {
  using rootfs = createRootfs({ "usr/bin/app": REAL_MODULE, "opt/app": ELF, "opt/dir/x": "", app: "root" });
  expect(rootfs.find("app").kind).toBe("wasm");
  expect(rootfs.find("app", { env: ["PATH=/opt"] }).kind).toBe("native");
  expect(rootfs.find("app", { env: ["PATH=/usr/bin", "PATH=/opt"] }).kind).toBe("native");
  expect(rootfs.find("app", { env: ["PATH=/nonexistent:/opt:/usr/bin"] }).kind).toBe("native");
  expect(rootfs.find("app", { env: ["PATH="] }).kind).toBe("missing");
  expect(rootfs.find("app", { env: ["PATH=::/usr/bin"] }).kind).toBe("wasm");
  expect(rootfs.find("dir", { env: ["PATH=/opt"] }).kind).toBe("missing"); // a folder is passed over
  expect(rootfs.find("..", { env: ["PATH=/opt"] }).kind).toBe("missing");
});

test("a path with a slash is relative to the working directory, and never looked up", () => {
  using rootfs = createRootfs({ "work/app": REAL_MODULE, "work/sub/x": "", "usr/bin/app": ELF });
  expect(rootfs.find("./app", { cwd: "/work" }).kind).toBe("wasm");
  expect(rootfs.find("sub/../app", { cwd: "/work/" })).toMatchObject({ path: "/work/app" });
  expect(rootfs.find("../../../work/app", { cwd: "/work" })).toMatchObject({ path: "/work/app" });
  expect(rootfs.find("./app", { cwd: "/" }).kind).toBe("missing");
});

test("path#function names a function, and a file whose name holds # is itself", () => {
  using rootfs = createRootfs({
    "app.wasm": REAL_MODULE,
    "a#b": REAL_MODULE,
    "usr/bin/app": REAL_MODULE,
    elf: ELF,
  });
  expect(rootfs.find("/app.wasm#run")).toMatchObject({ path: "/app.wasm", invoke: "run" });
  expect(rootfs.find("/app.wasm#wasi:cli/run")).toMatchObject({ path: "/app.wasm", invoke: "wasi:cli/run" });
  expect(rootfs.find("app#run")).toMatchObject({ path: "/usr/bin/app", invoke: "run" });
  expect(rootfs.find("/a#b")).toMatchObject({ path: "/a#b", invoke: undefined });
  expect(rootfs.find("/a#b#run")).toMatchObject({ path: "/a#b", invoke: "run" });
  expect(rootfs.find("/app.wasm#--dir=/")).toMatchObject({ invoke: "--dir=/" });
  expect(rootfs.find("/elf#main").kind).toBe("missing"); // the runtime looks for that very name
  expect(rootfs.find("#run").kind).toBe("missing");
  expect(rootfs.find("/absent#run").kind).toBe("missing");
});

test("no arguments and an empty one are missing", () => {
  using rootfs = createRootfs({});
  expect(rootfs.find(undefined).kind).toBe("missing");
  expect(rootfs.find("").kind).toBe("missing");
  expect(rootfs.find("/")).toMatchObject({ kind: "unknown" });
});

test("what is neither is unknown, with the path and what was found", () => {
  using rootfs = createRootfs({ empty: "", text: "hello, world", "dir/x": "" });
  makeFifo(rootfs.at(""), "fifo");
  const doubt = (arg0: string): string => {
    const program = rootfs.find(arg0);
    return program.kind === "unknown" ? program.doubt : program.kind;
  };
  expect(doubt("/empty")).toMatch(/"\/empty".*it is empty/);
  expect(doubt("/text")).toMatch(/"\/text".*it begins with the bytes 68 65 6c 6c 6f 2c 20 77$/);
  expect(doubt("/dir")).toContain("a directory");
  expect(doubt("/fifo")).toContain("not a regular file"); // and nothing waits for its writer
});

test("a symlink's target is what is named, inside the container", () => {
  using rootfs = createRootfs({ "usr/app.wasm": REAL_MODULE });
  symlinkSync("/usr/app.wasm", rootfs.at("app"));
  symlinkSync("/../../../../../../../../bin/sh", rootfs.at("evil"));
  expect(rootfs.find("/app")).toMatchObject({ kind: "wasm", path: "/usr/app.wasm" });
  expect(rootfs.find("/evil").kind).toBe("missing");
});

test("truncated and malformed Wasm is InvalidArgument, named", async () => {
  using rootfs = createRootfs({
    "cut.wasm": REAL_MODULE.subarray(0, REAL_MODULE.length - 1),
    "component.wasm": new Uint8Array([...COMPONENT_PREAMBLE, 1, 5, 0]),
    "huge.wasm": new Uint8Array([...MODULE_PREAMBLE, 7, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  });
  for (const path of ["/cut.wasm", "/component.wasm", "/huge.wasm", "/cut.wasm#run"]) {
    const error = await rejection(() => rootfs.find(path));
    expect(error).toMatchObject({
      code: "InvalidArgument",
      message: expect.stringContaining(path.replace(/#.*/, "")),
    });
  }
});

test("a Wasm header alone is an empty module; a part of one is truncated", async () => {
  using rootfs = createRootfs({
    header: new Uint8Array(MODULE_PREAMBLE),
    part: new Uint8Array(MODULE_PREAMBLE.slice(0, 7)),
  });
  expect(rootfs.find("/header")).toMatchObject({
    kind: "wasm",
    format: { interface: { imports: [], exports: [] } },
  });
  expect((await rejection(() => rootfs.find("/part"))).message).toContain("truncated");
});
