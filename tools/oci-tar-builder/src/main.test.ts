// SPDX-License-Identifier: Apache-2.0
// The executable: its streams and exit statuses. What it builds is tested on runCommand().
import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { readArchive } from "./testing/read-archive.ts";

const MAIN = join(import.meta.dir, "main.ts");
const hello = await testModule("hello");

async function run(argv: readonly string[], prefix: readonly string[] = []) {
  const child = Bun.spawn([...prefix, process.execPath, MAIN, ...argv], { stdin: hello, stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.bytes(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}

test("stdin to stdout, with nothing else there", async () => {
  const { exitCode, stdout, stderr } = await run(["-"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect((await readArchive(stdout)).manifest.layers).toHaveLength(1);
});

test("a wrong command line is 2, a wrong file 1; both say why on stderr alone", async () => {
  const usage = await run(["--nope"]);
  expect(usage.exitCode).toBe(2);
  expect(usage.stderr).toMatch(/^oci-tar-builder: .*--nope.*\n--help says more\n$/);
  const input = await run(["/bin/sh"]);
  expect(input.exitCode).toBe(1);
  expect(input.stderr).toMatch(/^oci-tar-builder: cannot pack "\/bin\/sh": it is a native program/);
  expect(usage.stdout.length + input.stdout.length).toBe(0);
});

test("an output that does not fit leaves nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oci-tar-builder-"));
  try {
    // A limit of 512 bytes for files is met in the middle of the archive; its signal is the shell's to ignore.
    const limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "sh"];
    const { exitCode, stderr } = await run(["-", "-o", join(folder, "out.tar")], limited);
    expect({ exitCode, said: stderr.includes("cannot write") }).toEqual({ exitCode: 1, said: true });
    expect(existsSync(join(folder, "out.tar"))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
