// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CaseContext, CaseGroup } from "../engine-case.ts";

const DONE = { stderr: "", exitCode: 0 };
const NOTE = { ...DONE, stdout: "a note\n" };
/** The word for a file that is not to be written is the engine's: rofs (69), or io (29) where it has none. */
const READ_ONLY = /^cannot write \S+: errno (69|29)\n$/;

/** Directories that are open to a guest. */
export const files: CaseGroup = {
  title: "Files",
  cases: [
    {
      name: "files",
      title: "the container's files: read, write, list",
      async check({ run }) {
        expect(await run(["/readfile.wasm", "/work/note.txt"])).toEqual(NOTE);
        expect(await run(["/writefile.wasm", "/work/new.txt", "text"])).toEqual({ ...DONE, stdout: "" });
        expect(await run(["/ls.wasm", "/work"])).toEqual({ ...DONE, stdout: "note.txt\n" });
      },
    },
    {
      name: "preopens",
      title: "annotation `preopens` opens what it names and nothing else",
      async check({ run }) {
        const flags = ["--annotation", "preopens.runwasi.io=/work"];
        expect(await run(["/readfile.wasm", "/work/note.txt"], { flags })).toEqual(NOTE);
        expect(await run(["/readfile.wasm", "/hello.wasm"], { flags })).toMatchObject({
          stdout: "",
          stderr: expect.stringContaining("cannot read /hello.wasm"),
          exitCode: 1,
        });
        const none = ["--annotation", "preopens.runwasi.io="];
        expect((await run(["/readfile.wasm", "/work/note.txt"], { flags: none })).exitCode).toBe(1);
      },
    },
    {
      name: "preopen-read-only",
      title: "a read-only rootfs and a read-only volume: read, not written",
      check: checkReadOnly,
    },
    {
      name: "preopen-missing",
      title: "a directory that is not there: the container fails and says so",
      async check({ run }) {
        const flags = ["--annotation", "preopens.runwasi.io=/missing"];
        const { stdout, stderr, exitCode } = await run(["/hello.wasm"], { flags });
        expect({ stdout, failed: exitCode !== 0 }).toEqual({ stdout: "", failed: true });
        expect(stderr).toMatch(/no such file|not found|\/missing/i);
      },
    },
    {
      name: "working-directory",
      title: "a relative path is resolved in the working directory",
      async check({ run }) {
        expect(await run(["/readfile.wasm", "note.txt"], { flags: ["--cwd", "/work"] })).toEqual(NOTE);
      },
    },
  ],
};

async function checkReadOnly({ run, containerd, engine }: CaseContext): Promise<void> {
  const folder = join(containerd.folder, `${engine}-volume`);
  await mkdir(folder);
  await writeFile(join(folder, "note.txt"), "a note\n");
  const volume = ["--mount", `type=bind,src=${folder},dst=/work,options=rbind:ro`];
  for (const flags of [["--read-only"], volume]) {
    expect(await run(["/readfile.wasm", "/work/note.txt"], { flags })).toEqual(NOTE);
    const written = await run(["/writefile.wasm", "/work/note.txt", "text"], { flags });
    expect(written).toEqual({ stdout: "", stderr: expect.stringMatching(READ_ONLY), exitCode: 1 });
  }
  expect(await readFile(join(folder, "note.txt"), "utf8")).toBe("a note\n");
}
