// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { makeFifo, readFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { rejection } from "../testing/rejection.ts";
import { runOnTerminal, sendDescriptors } from "../testing/terminal.ts";
import { openStdio, type Stdio } from "./stdio.ts";

const LINES = 20_000;
/** Longer than the reader of an exec's output is waited for. */
const STALLED_MS = 1_300;
const NONE = { stdin: "", stdout: "", stderr: "", terminal: true };

function open(request: Partial<typeof NONE>, isExec = false): Promise<Stdio> {
  const owner = {
    isExec,
    id: "one",
    namespace: "default",
    spawn: Bun.spawn,
    log: createRecordingLog(),
    stateDir: tmpdir(),
  };
  return openStdio({ ...NONE, ...request }, owner);
}

function run(stdio: Stdio, script: string): Promise<number> {
  const { exited } = runOnTerminal(stdio.consoleSocket ?? "", script);
  stdio.handedOver();
  return exited;
}

function linesTo(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\r\n`).join("");
}

test("output arrives whole and in order, its end with the program's, and nothing stays open", async () => {
  using folder = createTemporaryFolder();
  const before = openFds();
  const stdout = makeFifo(folder.path, "out");
  const stdio = await open({ stdout });
  const socket = stdio.consoleSocket ?? "";
  expect(stdio.child).toEqual(["ignore", "ignore", "ignore"]);
  const { content } = await readFifo(stdout);
  expect(await run(stdio, `seq ${LINES}; exit 3`)).toBe(3);
  expect(readdirSync(dirname(dirname(socket)))).not.toContain(dirname(socket));
  await stdio[Symbol.asyncDispose]();
  expect((await content) === linesTo(LINES)).toBe(true);
  expect(openFds()).toEqual(before);
});

test("a reader sees the end of the output when the program has ended, and not only when all is closed", async () => {
  using folder = createTemporaryFolder();
  const stdout = makeFifo(folder.path, "out");
  await using stdio = await open({ stdout });
  const { content } = await readFifo(stdout);
  await run(stdio, "echo last");
  expect(await content).toBe("last\r\n");
});

test("input reaches the program, and its end after a line and in the middle of one", async () => {
  for (const typed of ["a line\n", "a line\nbegun"]) {
    using folder = createTemporaryFolder();
    const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
    const stdio = await open({ stdin, stdout });
    const { content } = await readFifo(stdout);
    const input = openSync(stdin, constants.O_WRONLY | constants.O_NONBLOCK);
    const exited = run(stdio, "stty -echo; echo; cat");
    writeSync(input, typed);
    closeSync(input);
    stdio.closeStdin();
    stdio.closeStdin();
    expect(await exited).toBe(0);
    await stdio[Symbol.asyncDispose]();
    expect((await content).replace(/^[^]*?\r\n(?=a)/, "")).toEndWith(typed.replace("\n", "\r\n"));
  }
});

test("resize() is what a program sees", async () => {
  using folder = createTemporaryFolder();
  const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
  const stdio = await open({ stdin, stdout });
  const { content } = await readFifo(stdout);
  stdio.resize?.({ width: 1, height: 1 }); // nothing yet to resize
  const exited = run(stdio, "stty -echo; read line; stty size");
  stdio.resize?.({ width: 101, height: 33 });
  const input = openSync(stdin, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(input, "go\n");
  await exited;
  closeSync(input);
  await stdio[Symbol.asyncDispose]();
  expect(await content).toContain("33 101\r\n");
});

test("a container's output waits for a reader, all of it, and its program with it", async () => {
  using folder = createTemporaryFolder();
  const stdout = makeFifo(folder.path, "out");
  const stdio = await open({ stdout });
  const exited = run(stdio, `seq ${10 * LINES}; exit 3`);
  await Bun.sleep(STALLED_MS);
  const { content } = await readFifo(stdout);
  expect(await exited).toBe(3);
  await stdio[Symbol.asyncDispose]();
  expect((await content) === linesTo(10 * LINES)).toBe(true);
});

test("output that waits for a reader does not hold up dispose", async () => {
  using folder = createTemporaryFolder();
  const stdio = await open({ stdout: makeFifo(folder.path, "out") });
  expect(await run(stdio, "yes & sleep 0.3; kill -9 $!; exit 4")).toBe(4);
  await stdio[Symbol.asyncDispose]();
});

test("an exec's program goes on when nobody reads, and is read again when somebody does", async () => {
  using folder = createTemporaryFolder();
  const [stdin, stdout] = [makeFifo(folder.path, "in"), makeFifo(folder.path, "out")];
  const stdio = await open({ stdin, stdout }, true);
  const printed = join(folder.path, "printed");
  const exited = run(stdio, `stty -echo; seq ${10 * LINES}; touch ${printed}; read x; echo again`);
  while (!existsSync(printed)) await Bun.sleep(10);
  const { content } = await readFifo(stdout);
  const input = openSync(stdin, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(input, "go\n");
  expect(await exited).toBe(0);
  closeSync(input);
  await stdio[Symbol.asyncDispose]();
  const text = await content;
  expect(text).toStartWith("1\r\n2\r\n");
  expect(text).toEndWith("again\r\n");
  expect(text).not.toContain(`\n${9 * LINES}\r`);
});

test("a file and a program without any stdio have their terminal too", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "log");
  const stdio = await open({ stdout: `file://${path}` });
  await run(stdio, "test -t 1 && echo yes");
  await stdio[Symbol.asyncDispose]();
  expect(readFileSync(path, "utf8")).toBe("yes\r\n");
  const none = await open({});
  expect(await run(none, `test -t 0 && seq ${LINES} && exit 4`)).toBe(4);
  await none[Symbol.asyncDispose]();
});

test("a binary:// logger gets the output and is waited for", async () => {
  using folder = createTemporaryFolder();
  const log = join(folder.path, "log");
  const logger = folder.script("logger", `exec 5>&-; cat <&3 >${log}; cat <&4 >>${log}`);
  const stdio = await open({ stdout: `binary://${logger}` });
  await run(stdio, "echo logged");
  await stdio[Symbol.asyncDispose]();
  expect(readFileSync(log, "utf8")).toBe("logged\r\n");
});

test("a runtime that sends no terminal fails the hand-over, and nothing stays open", async () => {
  const before = openFds();
  for (const connect of [false, true]) {
    const stdio = await open({});
    if (connect) sendDescriptors(stdio.consoleSocket ?? "", []);
    expect((await rejection(() => stdio.handedOver())).code).toBe("Internal");
    await stdio[Symbol.asyncDispose]();
  }
  expect(openFds()).toEqual(before);
});
