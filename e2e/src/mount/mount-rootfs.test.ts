// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { runScenario } from "./run-scenario.ts";

async function resultOf(name: string): Promise<Record<string, unknown>> {
  const { result, ...left } = await runScenario(name);
  expect(left).toEqual({ leftMounts: 0, leftFds: 0, workingDirectory: "/" });
  return result;
}

test("an overlay shows its layers and writes to the upper one", async () => {
  expect(await resultOf("overlay")).toEqual({ files: ["base", "new", "top"], upper: ["new"] });
});

test("an overlay of 128 layers mounts though their paths exceed a page", async () => {
  const { optionBytes, files } = await resultOf("many layers");
  expect(optionBytes).toBeGreaterThan(4096);
  expect(files).toBe(128);
});

test("layers with escaped names mount when they have to be opened", async () => {
  expect(await resultOf("escaped layer names")).toEqual({ files: ["odd"] });
});

test("an overlay whose options cannot be made to fit is refused with their size", async () => {
  expect(await resultOf("too many layers")).toMatchObject({
    message: expect.stringContaining("at most 4095"),
  });
});

test("a read-only bind mount keeps the flags of its source's mount", async () => {
  expect(await resultOf("read-only bind")).toEqual({
    write: "EROFS",
    flags: "ro,nosuid,nodev,noexec,relatime",
    source: "none",
  });
});

test("flags of a bind mount apply, and options that take flags back do", async () => {
  expect(await resultOf("bind by type alone, with flags taken back")).toEqual({
    flags: "rw,nosuid,noexec,relatime",
  });
});

test("a remount changes the mount that is there", async () => {
  expect(await resultOf("remount")).toEqual({ mounts: 1, write: "EROFS" });
});

test("a propagation option is a step of its own", async () => {
  expect(await resultOf("propagation")).toEqual({ shared: true });
});

test("a sub path stays inside the rootfs over an absolute symbolic link", async () => {
  expect(await resultOf("sub path over a symbolic link that leads out")).toEqual({
    outside: [],
    inside: ["secret"],
    write: "EROFS",
    other: [],
  });
});

test("a sub path cannot climb out of the rootfs", async () => {
  expect(await resultOf("sub path with too many dots")).toEqual({ mounts: 2, files: ["file"], root: true });
});

test("a sub path that is missing fails and unmounts what was mounted", async () => {
  expect(await resultOf("sub path that is missing")).toMatchObject({
    errno: "ENOENT",
    code: "FailedPrecondition",
    mounts: 0,
  });
});

test("a mount that fails names what is missing and undoes the earlier ones", async () => {
  expect(await resultOf("second mount fails")).toEqual({
    message:
      'cannot mount overlay "overlay" on "<scratch>/rootfs": mount: ENOENT (there is no directory "<scratch>/absent")',
    errno: "ENOENT",
    code: "FailedPrecondition",
    mounts: 0,
  });
});

test("a filesystem that the kernel lacks is named", async () => {
  expect(await resultOf("unknown filesystem")).toMatchObject({ errno: "ENODEV", code: "FailedPrecondition" });
});

test("an empty list leaves the rootfs alone", async () => {
  expect(await resultOf("no mounts")).toEqual({ mounts: 1 });
});

test("unmountRootfs() removes a stack of mounts, and does nothing when there is none", async () => {
  expect(await resultOf("unmount by path")).toEqual({ before: 3, after: 0 });
});

test("unmountRootfs() removes mounts below a rootfs that is a plain folder", async () => {
  expect(await resultOf("mounts below a plain folder")).toEqual({ before: 2, after: 0 });
});

test("unmountRootfs() does not wait for a process that lives in the rootfs", async () => {
  expect(await resultOf("unmount in use")).toEqual({ mounts: 0, stillThere: true });
});

test("a loop mount frees its device with the mount", async () => {
  expect(await resultOf("loop device")).toEqual({ isLoop: true, write: "none", readOnly: "EROFS", busy: [] });
});

test("a loop mount of a missing file fails with ENOENT", async () => {
  expect(await resultOf("loop device of a missing file")).toMatchObject({ errno: "ENOENT" });
});

test("an id-mapped overlay shows its layers' owners mapped and is one mount", async () => {
  expect(await resultOf("id-mapped overlay")).toEqual({ uid: 100007, gid: 200008, two: 100000, mounts: 1 });
});

test("an id-mapped bind mount maps by several ranges", async () => {
  expect(await resultOf("id-mapped bind")).toEqual({ uid: 500005, gid: 100000, write: "EROFS", mounts: 1 });
});

test("an owner mapping that the kernel refuses is an error that names it", async () => {
  expect(await resultOf("broken owner mapping")).toMatchObject({
    message: expect.stringContaining('"0 0 0"'),
  });
});

test("a FUSE mount without its helper program names the program", async () => {
  expect(await resultOf("fuse without a helper")).toMatchObject({
    message: expect.stringContaining("mount.fuse3"),
  });
});
