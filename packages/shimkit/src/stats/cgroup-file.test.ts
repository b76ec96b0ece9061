// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseCount, readCount, readCounters } from "./cgroup-file.ts";

function withFile<T>(content: string, use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "cgroup-file-"));
  try {
    writeFileSync(join(folder, "file"), content);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  ["0", 0n],
  ["18446744073709551615", 18446744073709551615n],
  ["-1", 0n],
  ["", undefined],
  ["max", undefined],
  ["1.5", undefined],
  ["123456789012345678901", undefined],
])("parseCount(%j)", (text, expected) => {
  expect(parseCount(text)).toBe(expected);
});

test("max reads as what the caller says, 0 by default", () => {
  withFile("max\n", (folder) => {
    expect(readCount(folder, "file")).toBe(0n);
    expect(readCount(folder, "file", 7n)).toBe(7n);
  });
});

test("a missing file is undefined, for one number and for many", () => {
  expect(readCount("/absent", "file")).toBeUndefined();
  expect(readCounters("/absent", "file")).toBeUndefined();
});

test("counters skip lines that are none, and read as 0 when they are not there", () => {
  withFile("a 1\nbroken\nb x\nc 3\n", (folder) => {
    const counters = readCounters(folder, "file");
    expect(["a", "broken", "b", "c", "d"].map((name) => counters?.of(name))).toEqual([1n, 0n, 0n, 3n, 0n]);
  });
});
