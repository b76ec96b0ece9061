// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { makeFifo, readFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { rejection } from "../testing/rejection.ts";
import { openStdio, type Stdio, type StdioRequest } from "./stdio.ts";

const OWNER = {
  id: "one",
  namespace: "default",
  spawn: Bun.spawn,
  log: createRecordingLog(),
  stateDir: "/nonexistent",
};
const NONE: StdioRequest = { stdin: "", stdout: "", stderr: "", terminal: false };

/** Runs a shell with this stdio, as the OCI runtime would be, and hands over. */
async function runWith(stdio: Stdio, script: string): Promise<number> {
  const child = Bun.spawn(["sh", "-c", script], { stdio: stdio.child });
  stdio.handedOver();
  return await child.exited;
}

test("nothing asked for is nothing opened", async () => {
  const before = openFds();
  await using stdio = await openStdio(NONE, OWNER);
  expect(stdio.child).toEqual(["ignore", "ignore", "ignore"]);
  expect(openFds()).toEqual(before);
});

test("FIFOs: what the child writes arrives whole, and its reader sees the end when the child and we have ended", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const [stdout, stderr] = [makeFifo(folder.path, "out"), makeFifo(folder.path, "err")];
  const stdio = await openStdio({ ...NONE, stdout, stderr }, OWNER);
  const read = await readFifo(stdout);
  const errors = await readFifo(stderr);
  const script = "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo oops >&2";
  expect(await runWith(stdio, script)).toBe(0);
  await stdio[Symbol.asyncDispose]();
  expect(await read.content).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(""));
  expect(await errors.content).toBe("oops\n");
  expect(openFds()).toEqual(before);
});

test("the reader sees the end as soon as the child ends, though the shim holds its ends still", async () => {
  using folder = createTemporaryFolder();
  const stdout = makeFifo(folder.path, "out");
  await using stdio = await openStdio({ ...NONE, stdout }, OWNER);
  const { content } = await readFifo(stdout);
  await runWith(stdio, "echo done");
  expect(await content).toBe("done\n");
});

test("a child that writes while nobody reads is not ended by SIGPIPE", async () => {
  using folder = createTemporaryFolder();
  const stdout = makeFifo(folder.path, "out");
  await using stdio = await openStdio({ ...NONE, stdout }, OWNER);
  expect(await runWith(stdio, "echo one; echo two")).toBe(0);
  const fd = openSync(stdout, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = new Uint8Array(64);
  expect(new TextDecoder().decode(buffer.subarray(0, readSync(fd, buffer)))).toBe("one\ntwo\n");
  closeSync(fd);
});

test("stdin: the child sees no end while a writer comes and goes, only after closeStdin()", async () => {
  using folder = createTemporaryFolder();
  const stdin = makeFifo(folder.path, "in");
  const out = join(folder.path, "out");
  await using stdio = await openStdio({ ...NONE, stdin, stdout: `file://${out}` }, OWNER);
  const running = runWith(stdio, "cat");
  const writer = openSync(stdin, constants.O_WRONLY);
  writeSync(writer, "first ");
  closeSync(writer);
  const second = openSync(stdin, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(second, "second");
  closeSync(second);
  const early = await Promise.race([running.then(() => "ended"), Bun.sleep(50).then(() => "runs")]);
  expect(early).toBe("runs");
  stdio.closeStdin();
  stdio.closeStdin();
  expect(await running).toBe(0);
  expect(readFileSync(out, "utf8")).toBe("first second");
});

test("one file for stdout and stderr has one offset, and is appended to", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "log");
  writeFileSync(path, "before\n");
  await using stdio = await openStdio({ ...NONE, stdout: path, stderr: path }, OWNER);
  expect(stdio.child[1]).toBe(stdio.child[2]);
  await runWith(stdio, "echo out; echo err >&2; echo out");
  expect(readFileSync(path, "utf8")).toBe("before\nout\nerr\nout\n");
});

test("file:// makes the file and its folders; the path may hold spaces, plain or escaped", async () => {
  using folder = createTemporaryFolder();
  for (const [uri, path] of [
    [`file://${folder.path}/a/b/log`, "a/b/log"],
    [`file://${folder.path}/with%20space/log`, "with space/log"],
    [`file://${folder.path}/plain space`, "plain space"],
    [`file://${folder.path}/100%25`, "100%"],
  ] as const) {
    await using stdio = await openStdio({ ...NONE, stdout: uri }, OWNER);
    await runWith(stdio, "echo x");
    expect(readFileSync(join(folder.path, path), "utf8")).toBe("x\n");
  }
});

test("a FIFO behind file:// does not stop the daemon for lack of a reader", async () => {
  using folder = createTemporaryFolder();
  const fifo = makeFifo(folder.path, "out");
  await using stdio = await openStdio({ ...NONE, stdout: `file://${fifo}`, stderr: `fifo://${fifo}` }, OWNER);
  expect(await runWith(stdio, "echo x")).toBe(0);
});

test.each([
  ["an unknown scheme", { stdout: "https://example.com/log" }],
  ["a path that is not there", { stdout: "/nonexistent/out" }],
  ["a folder", { stdout: "/" }],
  ["a stdin that is not there", { stdin: "/nonexistent/in" }],
  ["a stderr that is not there, after a good stdout", { stdout: "file:///tmp", stderr: "/nonexistent" }],
  ["a file below a file", { stdout: "file:///etc/passwd/log" }],
  ["a bad escape", { stdout: "file:///tmp/%zz" }],
  ["a URI that cannot be parsed", { stdout: "file://[/x" }],
  ["a log binary that is not there", { stdout: "binary:///nonexistent/logger" }],
  ["a log binary that is none", { stdout: "binary:///etc/passwd" }],
  ["a log URI that cannot be parsed", { stdout: "binary://[/x" }],
])("%s is InvalidArgument and leaves no fd", async (_title, difference) => {
  const before = openFds();
  const error = await rejection(() => openStdio({ ...NONE, ...difference }, OWNER));
  expect(error.code).toBe("InvalidArgument");
  expect(openFds()).toEqual(before);
});

test("what was opened before a failure is closed", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
  await rejection(() => openStdio({ stdin, stdout, stderr: "/nonexistent", terminal: false }, OWNER));
  expect(openFds()).toEqual(before);
});

test("dispose without handing over closes everything, twice is fine", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
  const stdio = await openStdio({ stdin, stdout, stderr: stdout, terminal: false }, OWNER);
  await stdio[Symbol.asyncDispose]();
  await stdio[Symbol.asyncDispose]();
  stdio.handedOver();
  stdio.closeStdin();
  expect(openFds()).toEqual(before);
});

test("a plain path is not made", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "log");
  await rejection(() => openStdio({ ...NONE, stdout: path }, OWNER));
  expect(existsSync(path)).toBe(false);
});

test("FIFOs are given to the owner that is asked for, a file is not", async () => {
  using folder = createTemporaryFolder();
  const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
  const stderr = join(folder.path, "err");
  writeFileSync(stderr, "");
  const mine = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  // Only root may give files away; anybody may give them to himself.
  const ioOwner = mine.uid === 0 ? { uid: 1234, gid: 5678 } : mine;
  await using _stdio = await openStdio({ stdin, stdout, stderr, terminal: false }, { ...OWNER, ioOwner });
  for (const path of [stdin, stdout]) expect(statSync(path)).toMatchObject(ioOwner);
  expect(statSync(stderr)).toMatchObject(mine);
});
