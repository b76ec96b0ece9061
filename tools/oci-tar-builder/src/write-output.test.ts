// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, test } from "bun:test";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOutput } from "./write-output.ts";

const folder = mkdtempSync(join(tmpdir(), "oci-tar-builder-"));
afterAll(() => rmSync(folder, { recursive: true }));
const content = new TextEncoder().encode("archive");

test("a file behind a symlink is replaced, the link stays", async () => {
  writeFileSync(join(folder, "real"), "before");
  symlinkSync("real", join(folder, "link"));
  await writeOutput(join(folder, "link"), content);
  expect(lstatSync(join(folder, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, "real"), "utf8")).toBe("archive");
  expect(readdirSync(folder).toSorted()).toEqual(["link", "real"]);
});
