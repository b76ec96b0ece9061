// SPDX-License-Identifier: Apache-2.0
// Mounting itself needs root and a mount namespace of its own: e2e/src/mount.
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ShimError } from "../error.ts";
import { MountError } from "./mount-error.ts";
import { isMountPoint } from "./is-mounted.ts";
import { isRootItself } from "./mount-point.ts";
import { mountRootfs } from "./mount-rootfs.ts";
import { parseIdMap } from "./user-namespace.ts";
import { unmountRootfs } from "./unmount-rootfs.ts";

test("no mounts touch nothing, not even to make the rootfs", async () => {
  const target = join(tmpdir(), "mount-rootfs-absent");
  await (await mountRootfs([], target))[Symbol.asyncDispose]();
  expect(existsSync(target)).toBe(false);
});

test("fields with a NUL are refused before anything is mounted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mount-rootfs-"));
  try {
    const mounted = mountRootfs(
      [{ type: "bind", source: "/a\0b", target: "", options: [] }],
      join(folder, "rootfs"),
    );
    expect(await mounted.catch((error: unknown) => error)).toMatchObject({ code: "InvalidArgument" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("unmountRootfs() does nothing on a missing path, a file and a folder with nothing mounted", async () => {
  await unmountRootfs("/absent/rootfs");
  await unmountRootfs(import.meta.path);
  await unmountRootfs(import.meta.dir);
});

test("isMountPoint() tells a mount from a folder and from what is not there", () => {
  expect(isMountPoint("/proc")).toBe(true);
  expect(isMountPoint("/proc/self")).toBe(false);
  expect(isMountPoint(import.meta.dir)).toBe(false);
  expect(isMountPoint("/absent/rootfs")).toBe(false);
});

test.each([
  ["", true],
  ["/", true],
  ["./", true],
  ["a", false],
  ["..", false],
])("target %j means the rootfs itself: %j", (target, expected) => {
  expect(isRootItself(target)).toBe(expected);
});

test("parseIdMap() writes a line a range", () => {
  expect(parseIdMap("0:100000:65536,65536:7:1")).toBe("0 100000 65536\n65536 7 1\n");
});

test.each(["", "0:1", "0:1:2:3", "a:1:2", "-1:1:2", "0:1:2,", "0 1 2"])(
  "parseIdMap(%j) is refused",
  (text) => {
    expect(() => parseIdMap(text)).toThrow(ShimError);
  },
);

test.each([
  ["ENOENT", "FailedPrecondition"],
  ["ENODEV", "FailedPrecondition"],
  ["EINVAL", "InvalidArgument"],
  ["EPERM", "PermissionDenied"],
  ["EIO", "Internal"],
] as const)("a mount that fails with %s is %s", (errno, code) => {
  expect(new MountError(errno, "").code).toBe(code);
});
