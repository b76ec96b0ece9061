// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { rejection } from "@runwasi/containerd-shimkit/testing/rejection.ts";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";
import { mountEngine } from "./engine-mounts.ts";

const DYNAMIC = {
  executable: "/opt/wasmtime/wasmtime",
  loader: "/lib64/ld-linux-x86-64.so.2",
  libraries: ["/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/libm.so.6"],
};
const STATIC = { executable: "/opt/wasmtime", loader: undefined, libraries: [] };
const DEV: SpecMount = { destination: "/dev", type: "tmpfs", source: "tmpfs" };

const specWith = (...mounts: SpecMount[]): RuntimeSpec => ({ ociVersion: "1.0.0", mounts });

test("on a /dev of the container's own nothing else is mounted, and the loader finds the libraries there", () => {
  const { mounts, argv } = mountEngine(specWith(DEV), DYNAMIC);
  expect(mounts.map(({ source, destination }) => `${source} ${destination}`)).toEqual([
    "/opt/wasmtime/wasmtime /dev/.runwasi/wasmtime",
    "/lib64/ld-linux-x86-64.so.2 /dev/.runwasi/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6 /dev/.runwasi/lib/libc.so.6",
    "/usr/lib/libm.so.6 /dev/.runwasi/lib/libm.so.6",
  ]);
  expect(argv).toEqual([
    "/dev/.runwasi/ld-linux-x86-64.so.2",
    "--library-path",
    "/dev/.runwasi/lib",
    "/dev/.runwasi/wasmtime",
  ]);
});

test("every mount is a read-only bind, without suid and devices, and can be executed", () => {
  for (const { type, options } of mountEngine(specWith(DEV), DYNAMIC).mounts) {
    expect(type).toBe("bind");
    expect(options).toEqual(expect.arrayContaining(["bind", "ro", "nosuid", "nodev"]));
    expect(options).not.toContain("noexec");
  }
});

test("a static executable runs by itself", () => {
  expect(mountEngine(specWith(DEV), STATIC).argv).toEqual(["/dev/.runwasi/wasmtime"]);
});

test.each<[string, SpecMount[]]>([
  ["no /dev", []],
  ["a /dev that is a bind mount", [{ destination: "/dev", type: "bind", source: "/dev" }]],
  ["a tmpfs under a later bind mount", [DEV, { destination: "/dev/", options: ["rbind"], source: "/dev" }]],
  ["the same in another spelling", [DEV, { destination: "/x/../dev", type: "bind", source: "/dev" }]],
])("with %s the engine gets a tmpfs of its own, and nothing is made below /dev", (_title, before) => {
  const { mounts, argv } = mountEngine(specWith(...before), STATIC);
  expect(mounts.map(({ type, destination }) => `${type} ${destination}`)).toEqual([
    "tmpfs /.runwasi",
    "bind /.runwasi/wasmtime",
  ]);
  expect(argv).toEqual(["/.runwasi/wasmtime"]);
});

test("a tmpfs over a bind mount is the container's own /dev", () => {
  const bind: SpecMount = { destination: "/dev", type: "bind", source: "/dev" };
  expect(mountEngine(specWith(bind, DEV), STATIC).argv).toEqual(["/dev/.runwasi/wasmtime"]);
});

test.each([
  "/dev/.runwasi",
  "/dev/.runwasi/",
  "/dev/.runwasi/lib/libc.so.6",
  "/dev//.runwasi",
  "/dev/./.runwasi",
  "/dev/shm/../.runwasi",
  "/../dev/.runwasi/wasmtime",
  "dev/.runwasi",
])("a mount of the pod's at %p is InvalidArgument and named", async (destination) => {
  const mount: SpecMount = { destination, type: "bind", source: "/x" };
  const error = await rejection(() => mountEngine(specWith(DEV, mount), STATIC));
  expect(error).toMatchObject({
    code: "InvalidArgument",
    message: expect.stringContaining(`"${destination}"`),
  });
});

test("mounts beside the engine's folder are fine", () => {
  for (const destination of ["/dev/.runwasi2", "/dev/shm", "/.runwasi", "/dev/.runwas"]) {
    mountEngine(specWith(DEV, { destination, type: "bind", source: "/x" }), STATIC);
  }
});
