// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import {
  close,
  FileError,
  isThere,
  makeFolder,
  openToRead,
  openToUpdate,
  readText,
  readToEnd,
  removeFile,
  writeAll,
  writeText,
} from "./file-syscalls.ts";

test.each([0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 200_000])(
  "a file of %d bytes is read whole",
  (size) => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "file");
    const text = "é".repeat(size >> 1) + "x".repeat(size & 1);
    writeFileSync(path, text);
    expect(readText(path)).toBe(text);
  },
);

test("what is written is what is read, and what was there before is gone", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeText(path, "a longer text", 0o600);
  writeText(path, "short", 0o644);
  expect(readFileSync(path, "utf8")).toBe("short");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("reading stops past the limit", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, new Uint8Array(70_000));
  const fd = openToRead(path);
  expect(() => readToEnd(fd, 69_999)).toThrow("EFBIG: cannot read over 69999 bytes");
  close(fd);
});

test("the kernel's refusals have its code and name the path", () => {
  using folder = createTemporaryFolder();
  const absent = join(folder.path, "absent");
  expect(() => readText(absent)).toThrow(new FileError("ENOENT", `open "${absent}"`));
  expect(() => readText(folder.path)).toThrow("EISDIR: cannot read");
  expect(() => writeText(folder.path, "", 0o600)).toThrow("EISDIR");
  expect(() => makeFolder(join(absent, "below"), 0o700)).toThrow("ENOENT: cannot make");
  expect(() => writeAll(-1, "x")).toThrow("EBADF: cannot write");
});

test("a folder is made once, and stays as it is", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "made");
  makeFolder(path, 0o700);
  writeText(join(path, "file"), "", 0o600);
  makeFolder(path, 0o755);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(isThere(join(path, "file"))).toBe(true);
});

test("isThere() follows symlinks, removeFile() does not, and is content with nothing", () => {
  using folder = createTemporaryFolder();
  const link = join(folder.path, "link");
  const target = join(folder.path, "target");
  symlinkSync("target", link);
  expect(isThere(link)).toBe(false);
  writeFileSync(target, "");
  expect(isThere(link)).toBe(true);
  removeFile(link);
  removeFile(link);
  expect(isThere(target)).toBe(true);
});

test("descriptors are close-on-exec", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, "");
  for (const fd of [openToRead(path), openToUpdate(path), openToRead(folder.path)]) {
    const flags = Number.parseInt(
      /^flags:\s+([0-7]+)/m.exec(readText(`/proc/self/fdinfo/${fd}`))?.[1] ?? "",
      8,
    );
    expect(flags & 0o2000000).toBe(0o2000000);
    close(fd);
  }
});

test("what is closed is closed, and no reading leaves a descriptor open", () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "file");
  writeFileSync(path, "x");
  const next = (): number => {
    const fd = openSync("/dev/null", "r");
    closeSync(fd);
    return fd;
  };
  const before = next();
  readText(path);
  writeText(path, "y", 0o600);
  mkdirSync(join(folder.path, "folder"));
  expect(() => readText(join(folder.path, "folder"))).toThrow();
  expect(next()).toBe(before);
});
