// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { selectBelow } from "./mount-points-below.ts";

const MOUNT_INFO = [
  "31 1 0:28 / / rw,relatime shared:1 - ext4 /dev/vda rw",
  "40 31 0:30 / /run/b/rootfs rw - overlay overlay rw,lowerdir=/run/b/rootfs/x",
  "41 40 0:31 / /run/b/rootfs/a\\040b rw - tmpfs tmpfs rw",
  "42 41 0:32 / /run/b/rootfs/a\\040b/c\\134d rw - tmpfs tmpfs rw",
  "43 31 0:33 / /run/b/rootfs2 rw - tmpfs tmpfs rw",
  "",
].join("\n");

test("mount points below are found latest first, with their names as they are", () => {
  expect(selectBelow(MOUNT_INFO, "/run/b/rootfs")).toEqual(["/run/b/rootfs/a b/c\\d", "/run/b/rootfs/a b"]);
});

test("there are none below a folder whose name only begins the same", () => {
  expect(selectBelow(MOUNT_INFO, "/run/b/root")).toEqual([]);
});
