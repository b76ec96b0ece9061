// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "../error.ts";
import { MS } from "./mount-flags.ts";
import { parseMountOptions } from "./mount-options.ts";

function codeOf(options: readonly string[]): string | undefined {
  try {
    parseMountOptions(options);
    return undefined;
  } catch (error) {
    return error instanceof ShimError ? error.code : String(error);
  }
}

test("options of an overlay are data in their order", () => {
  const data = [
    "index=off",
    "userxattr",
    "lowerdir=/a:/b",
    "upperdir=/u",
    "workdir=/w",
    "volatile",
    "metacopy=on",
  ];
  expect(parseMountOptions(data)).toEqual({
    flags: 0,
    cleared: 0,
    propagation: [],
    data,
    loop: undefined,
    idMap: undefined,
  });
});

test.each([
  ["ro", MS.RDONLY],
  ["nosuid", MS.NOSUID],
  ["nodev", MS.NODEV],
  ["noexec", MS.NOEXEC],
  ["sync", MS.SYNCHRONOUS],
  ["remount", MS.REMOUNT],
  ["mand", MS.MANDLOCK],
  ["dirsync", MS.DIRSYNC],
  ["nosymfollow", MS.NOSYMFOLLOW],
  ["noatime", MS.NOATIME],
  ["nodiratime", MS.NODIRATIME],
  ["bind", MS.BIND],
  ["rbind", MS.BIND | MS.REC],
  ["silent", MS.SILENT],
  ["relatime", MS.RELATIME],
  ["iversion", MS.I_VERSION],
  ["strictatime", MS.STRICTATIME],
  ["lazytime", MS.LAZYTIME],
  ["defaults", 0],
])("%s is a flag and no data", (option, flags) => {
  const { data, ...parsed } = parseMountOptions([option]);
  expect(parsed).toMatchObject({ flags, cleared: 0 });
  expect(data).toEqual([]);
});

test.each([
  ["rw", "ro", MS.RDONLY],
  ["suid", "nosuid", MS.NOSUID],
  ["dev", "nodev", MS.NODEV],
  ["exec", "noexec", MS.NOEXEC],
  ["async", "sync", MS.SYNCHRONOUS],
  ["atime", "noatime", MS.NOATIME],
  ["diratime", "nodiratime", MS.NODIRATIME],
  ["nomand", "mand", MS.MANDLOCK],
  ["norelatime", "relatime", MS.RELATIME],
  ["nostrictatime", "strictatime", MS.STRICTATIME],
  ["nolazytime", "lazytime", MS.LAZYTIME],
  ["noiversion", "iversion", MS.I_VERSION],
  ["symfollow", "nosymfollow", MS.NOSYMFOLLOW],
  ["loud", "silent", MS.SILENT],
])("%s takes %s back, and the later of the two wins", (clear, set, flag) => {
  expect(parseMountOptions([set, clear])).toMatchObject({ flags: 0, cleared: flag });
  expect(parseMountOptions([clear, set])).toMatchObject({ flags: flag, cleared: 0 });
});

test("access times are recorded as the last option says", () => {
  expect(parseMountOptions(["noatime", "strictatime", "relatime"]).flags).toBe(MS.RELATIME);
});

test("propagation options keep their order and stay out of the flags", () => {
  const { flags, propagation } = parseMountOptions(["rbind", "rslave", "shared", "runbindable", "private"]);
  expect(flags).toBe(MS.BIND | MS.REC);
  expect(propagation).toEqual([MS.SLAVE | MS.REC, MS.SHARED, MS.UNBINDABLE | MS.REC, MS.PRIVATE]);
});

test("loop is no data, and direct-io belongs to it", () => {
  expect(parseMountOptions(["loop", "noload"])).toMatchObject({
    loop: { directIo: false },
    data: ["noload"],
  });
  expect(parseMountOptions(["direct-io", "loop"])).toMatchObject({ loop: { directIo: true }, data: [] });
  expect(parseMountOptions(["direct-io"])).toMatchObject({ loop: undefined, data: ["direct-io"] });
});

test("owner mappings are taken out of the data", () => {
  expect(parseMountOptions(["uidmap=0:1:2", "gidmap=0:3:4,5:6:7", "x"])).toMatchObject({
    idMap: { uids: "0:1:2", gids: "0:3:4,5:6:7" },
    data: ["x"],
  });
});

test.each([[["uidmap=0:1:2"]], [["gidmap=0:1:2"]], [["X-containerd.mkdir.path=/x"]], [["upperdir=/a\0b"]]])(
  "%j is refused as InvalidArgument",
  (options) => {
    expect(codeOf(options)).toBe("InvalidArgument");
  },
);
