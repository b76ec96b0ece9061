// SPDX-License-Identifier: Apache-2.0
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "bun:test";
import { openFds } from "@runwasi/containerd-shimkit/testing/open-fds.ts";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { Spawn } from "@runwasi/oci-runtime";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { closureOf, parseLoaderList } from "./closure.ts";
import { readInterpreter } from "./elf.ts";

/** A host whose processes are counted. */
function countingHost(stateDir: string) {
  const spawned: string[][] = [];
  const spawn: Spawn = (argv, options) => {
    spawned.push(argv);
    return Bun.spawn(argv, options);
  };
  const watch = () => ({ claim: () => expect.unreachable(), [Symbol.dispose]: () => {} });
  return {
    spawned,
    host: {
      stateDir,
      containerdAddress: "/nonexistent/containerd.sock",
      spawn,
      reaper: { spawn, watch, [Symbol.dispose]: () => {} },
    },
  };
}

test("the closure of a dynamic executable runs it from another folder", async () => {
  using folder = createTemporaryFolder();
  const { host } = countingHost(folder.path);
  const { executable, loader, libraries } = await closureOf("/bin/sh", host);
  expect(executable).toBe("/bin/sh");
  if (loader === undefined) return; // a static shell: nothing else is needed
  const lib = join(folder.path, "lib");
  mkdirSync(lib);
  for (const library of libraries) copyFileSync(library, join(lib, basename(library)));
  const argv = [loader, "--inhibit-cache", "--library-path", lib, executable, "-c", "exit 7"];
  expect(await Bun.spawn(argv, { env: {} }).exited).toBe(7);
  for (const library of libraries) expect(existsSync(library)).toBe(true);
});

test("a closure is computed once, until the executable is another", async () => {
  using folder = createTemporaryFolder();
  const { host, spawned } = countingHost(folder.path);
  const executable = join(folder.path, "sh");
  copyFileSync("/bin/sh", executable);
  const first = await closureOf(executable, host);
  expect(await closureOf(executable, host)).toEqual(first);
  const asked = first.loader === undefined ? 0 : 1;
  expect(spawned).toHaveLength(asked);
  utimesSync(executable, 1, 1);
  await closureOf(executable, host);
  expect(spawned).toHaveLength(2 * asked);
});

test("a cache that is garbage, or names files that are gone, is computed again", async () => {
  using folder = createTemporaryFolder();
  const { host } = countingHost(folder.path);
  const expected = await closureOf("/bin/sh", host);
  const [cached = ""] = readdirSync(folder.path).filter((name) => name.startsWith("closure-"));
  const gone = JSON.stringify({ ...expected, libraries: ["/nonexistent/libc.so.6"] });
  for (const content of ["", "{", "[]", "{}", '{"libraries":[1]}', '{"libraries":[],"loader":1}', gone]) {
    writeFileSync(join(folder.path, cached), content);
    expect(await closureOf("/bin/sh", host)).toEqual(expected);
  }
});

test("a loader that is not there, or that misses a library, is FailedPrecondition and named", async () => {
  using folder = createTemporaryFolder();
  const { host } = countingHost(folder.path);
  const missing = elfWith("/nonexistent/ld.so");
  writeFileSync(join(folder.path, "engine"), missing);
  const noLoader = await rejection(() => closureOf(join(folder.path, "engine"), host));
  expect(noLoader).toMatchObject({
    code: "FailedPrecondition",
    message: expect.stringContaining("/nonexistent/ld.so"),
  });
  const loader = folder.script("ld.so", 'echo "	libx.so.1 => not found"; exit 0');
  writeFileSync(join(folder.path, "engine2"), elfWith(loader));
  const noLibrary = await rejection(() => closureOf(join(folder.path, "engine2"), host));
  expect(noLibrary).toMatchObject({
    code: "FailedPrecondition",
    message: expect.stringContaining("libx.so.1"),
  });
  const failing = folder.script("ld2.so", "exit 3");
  writeFileSync(join(folder.path, "engine3"), elfWith(failing));
  expect((await rejection(() => closureOf(join(folder.path, "engine3"), host))).code).toBe(
    "FailedPrecondition",
  );
  expect(readdirSync(folder.path).some((name) => name.startsWith("closure-"))).toBe(false);
});

test("parseLoaderList() reads what glibc's and musl's loaders print", () => {
  const glibc = `	linux-vdso.so.1 (0x00007fff0)
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f0)
	libodd.so => /opt/with space/libodd.so (0x0000abc)
	libgone.so.1 => not found
	/lib64/ld-linux-x86-64.so.2 (0x00007f1)
`;
  expect(parseLoaderList(glibc)).toEqual({
    libraries: ["/lib/x86_64-linux-gnu/libm.so.6", "/opt/with space/libodd.so"],
    missing: ["libgone.so.1"],
  });
  expect(parseLoaderList("	ldd (0x7f)\n	libc.musl-x86_64.so.1 => ldd (0x7f)\n")).toMatchObject({
    libraries: [],
  });
  expect(parseLoaderList("")).toEqual({ libraries: [], missing: [] });
});

/** An ELF header with one program header, PT_INTERP, and the loader's path. */
function elfWith(loader: string): Uint8Array {
  const path = Buffer.from(`${loader}\0`);
  const bytes = new Uint8Array(64 + 56 + path.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(32, 64n, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 3, true);
  view.setBigUint64(64 + 8, 120n, true);
  view.setBigUint64(64 + 32, BigInt(path.length), true);
  bytes.set(path, 120);
  return bytes;
}

test("readInterpreter() finds the loader of this very process and of a header by hand", () => {
  using folder = createTemporaryFolder();
  expect(readInterpreter(process.execPath)).toMatch(/^\/lib.*\/ld-/);
  const path = join(folder.path, "elf");
  writeFileSync(path, elfWith("/lib/ld.so"));
  expect(readInterpreter(path)).toBe("/lib/ld.so");
});

test("readInterpreter() answers undefined for a static executable", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "static");
  const bytes = elfWith("/lib/ld.so");
  new DataView(bytes.buffer).setUint32(64, 1, true); // PT_LOAD in place of PT_INTERP
  writeFileSync(path, bytes);
  expect(readInterpreter(path)).toBeUndefined();
});

test("readInterpreter() answers FailedPrecondition for what is no 64-bit ELF, without leaving an fd", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "elf");
  const whole = elfWith("/lib/ld.so");
  const changed = (offset: number, ...bytes: number[]) => {
    const copy = Uint8Array.from(whole);
    copy.set(bytes, offset);
    return copy;
  };
  const before = openFds();
  const far = Array.from({ length: 8 }, () => 0xff);
  const garbage = [
    new Uint8Array(0),
    whole.subarray(0, 5),
    new TextEncoder().encode("#!/bin/sh\n"),
    changed(4, 1), // 32 bits
    changed(5, 2), // big-endian
    changed(32, ...far), // program headers at the end of the world
    changed(72, ...far), // the loader's path there
  ];
  for (const bytes of garbage) {
    writeFileSync(path, bytes);
    expect((await rejection(() => readInterpreter(path))).code).toBe("FailedPrecondition");
  }
  writeFileSync(path, whole);
  for (let length = 6; length < 120; length += 1) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    try {
      readInterpreter(path);
    } catch (error) {
      expect(error).toMatchObject({ code: "FailedPrecondition" });
    }
  }
  expect(openFds()).toEqual(before);
});
