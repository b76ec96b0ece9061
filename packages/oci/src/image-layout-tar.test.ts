// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeTar, type TarEntry } from "./image-layout-tar.ts";

async function listing(entries: readonly TarEntry[]): Promise<string[]> {
  const child = Bun.spawn(["tar", "--numeric-owner", "--utc", "-tvf", "-"], {
    stdin: encodeTar(entries),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(err).toBe("");
  return out
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "));
}

describe("encodeTar()", () => {
  test("writes files, folders and symlinks that tar(1) lists with their modes and owners", async () => {
    expect(
      await listing([
        { kind: "folder", path: "etc", mode: 0o700 },
        { kind: "file", path: "etc/name", content: "four", mode: 0o640, owner: { uid: 7, gid: 8 } },
        { kind: "symlink", path: "link", target: "etc/name" },
      ]),
    ).toEqual([
      "drwx------ 0/0 0 1970-01-01 00:00 etc/",
      "-rw-r----- 7/8 4 1970-01-01 00:00 etc/name",
      "lrwxrwxrwx 0/0 0 1970-01-01 00:00 link -> etc/name",
    ]);
  });

  test("gives tar(1) back the bytes of files of every size around a block", async () => {
    const folder = mkdtempSync(join(tmpdir(), "runwasi-tar-"));
    try {
      const sizes = [0, 1, 511, 512, 513, 1024];
      const archive = encodeTar(
        sizes.map((size) => ({
          kind: "file",
          path: `f${size}`,
          content: new Uint8Array(size).fill(size % 251),
        })),
      );
      const child = Bun.spawn(["tar", "-xf", "-", "-C", folder], { stdin: archive });
      expect(await child.exited).toBe(0);
      for (const size of sizes) {
        const bytes = await Bun.file(join(folder, `f${size}`)).bytes();
        expect(bytes).toEqual(new Uint8Array(size).fill(size % 251));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("splits a path of more than 100 bytes at a slash", async () => {
    const path = `${"a".repeat(90)}/${"b".repeat(90)}`;
    expect(await listing([{ kind: "file", path, content: "" }])).toEqual([
      `-rw-r--r-- 0/0 0 1970-01-01 00:00 ${path}`,
    ]);
  });

  test("refuses a path and a symlink target that a ustar header cannot hold", () => {
    expect(() => encodeTar([{ kind: "folder", path: "x".repeat(101) }])).toThrow(RangeError);
    expect(() => encodeTar([{ kind: "symlink", path: "l", target: "x".repeat(101) }])).toThrow(RangeError);
  });
});
