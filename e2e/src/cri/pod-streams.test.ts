// SPDX-License-Identifier: Apache-2.0
// Exec, attach and logs through CRI, in a Wasm container and in a native one.
import { expect, test } from "bun:test";
import { status } from "@grpc/grpc-js";
import { runPod, type LogLine } from "./pod.ts";
import { forEachPodShim } from "./shared-node.ts";
import { attachToTerminal, execOnTerminal, streamAttach, streamExec } from "./streams.ts";

const BURST_LINES = 50_000;
/** Where CRI cuts a line of output: max_container_log_line_size. */
const LOG_LINE_BYTES = 16_384;
const NEVER = { stdin: "\n", stdinOpenUntil: () => new Promise<never>(() => {}), timeoutMs: 15_000 };
/** As the kubelet has it for `stdin: true, stdinOnce: true`. */
const ONCE = { stdin: true, stdinOnce: true };

forEachPodShim(({ handler, node, containers }) => {
  test("ExecSync answers output and exit status of a module and of a native program", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    expect(await app.execSync(["/lines.wasm", "4", "both"])).toEqual({
      stdout: "line 1\nline 3\n",
      stderr: "line 2\nline 4\n",
      exitCode: 0,
    });
    expect((await app.execSync(["/exit.wasm", "42"])).exitCode).toBe(42);
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    expect(await sidecar.execSync(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 3,
    });
  });

  test("ExecSync that takes too long, as a probe may, fails and leaves no process", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    for (const [container, cmd] of [
      [sidecar, ["sleep", "999"]],
      [app, ["/sleep.wasm", "999"]],
    ] as const) {
      const outcome = await container.execSync(cmd, 1).catch((error: unknown) => error);
      expect(outcome).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    }
    const processes = await sidecar.execSync(["ps", "-o", "args"]);
    expect(processes.stdout).not.toContain("999");
    expect(await app.execSync(["/hello.wasm"])).toMatchObject({ stdout: "hello world\n" });
  });

  test("a stream of exec carries input, its end, and both outputs", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    const stdin = "to and fro\n";
    expect(await streamExec(node(), app, ["/echo.wasm"], { stdin })).toEqual({
      stdout: stdin,
      stderr: "",
      exitCode: 0,
    });
    expect(await streamExec(node(), sidecar, ["sh", "-c", "cat; echo error >&2"], { stdin })).toEqual({
      stdout: stdin,
      stderr: "error\n",
      exitCode: 0,
    });
    expect((await streamExec(node(), app, ["/exit.wasm", "3"])).stderr).toContain("exit code 3");
  });

  test("exec on a terminal ends when its program does, though nobody ends its input", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("sleep"));
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    expect((await execOnTerminal(node(), sidecar, ["tty"], NEVER)).stdout).toContain("/dev/pts/");
    expect((await execOnTerminal(node(), app, ["/hello.wasm"], NEVER)).stdout).toContain("hello world\r\n");
  });

  test("attach feeds a container's own input, ends it, and shows its output", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("echo", ONCE));
    const sidecar = await pod.start(containers.shell("echo ready; cat; exit 7", ONCE));
    for (const container of [app, sidecar]) {
      const attached = await streamAttach(node(), container, { stdin: "typed\n" });
      expect(attached).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("typed\n") });
    }
    expect((await app.exited()).exitCode).toBe(0);
    expect((await sidecar.exited()).exitCode).toBe(7);
    expect((await app.log()).map(({ text }) => text)).toEqual(["typed"]);
  });

  test("a container with a terminal is typed to by attach, which ends with it, and is logged", async () => {
    await using pod = await runPod(node(), handler);
    const terminal = { ...ONCE, tty: true };
    const sidecar = await pod.start(containers.shell("tty; read line; echo got $line; exit 4", terminal));
    await sidecar.printed("/dev/pts/0");
    const typed = { ...NEVER, stdin: "typed\n" };
    expect((await attachToTerminal(node(), sidecar, typed)).stdout).toContain("got typed");
    expect((await sidecar.exited()).exitCode).toBe(4);
    expect((await sidecar.log()).map(({ text }) => text.trimEnd())).toContain("got typed");
  });

  test("the log of a burst is complete, in order, and in CRI's format", async () => {
    await using pod = await runPod(node(), handler);
    const app = await pod.start(containers.wasm("lines", { args: [String(BURST_LINES), "both"] }));
    const sidecar = await pod.start(containers.shell(`seq ${BURST_LINES}`));
    await Promise.all([app.exited(), sidecar.exited()]);
    const numbered = Array.from({ length: BURST_LINES }, (_, index) => index + 1);
    const fromApp = await app.log();
    const linesOf = (lines: readonly LogLine[], stream: string) =>
      lines.filter((line) => line.stream === stream).map(({ tag, text }) => `${tag} ${text}`);
    const numberedOf = (remainder: number) =>
      numbered.filter((number) => number % 2 === remainder).map((number) => `F line ${number}`);
    expect(linesOf(fromApp, "stdout")).toEqual(numberedOf(1));
    expect(linesOf(fromApp, "stderr")).toEqual(numberedOf(0));
    expect(linesOf(await sidecar.log(), "stdout")).toEqual(numbered.map((number) => `F ${number}`));
  });

  test("a long line and one without an end are logged in pieces", async () => {
    await using pod = await runPod(node(), handler);
    const script = `head -c ${2 * LOG_LINE_BYTES} /dev/zero | tr '\\0' x; echo; printf begun`;
    const sidecar = await pod.start(containers.shell(script));
    await sidecar.exited();
    const tags = (await sidecar.log()).map(({ tag, text }) => `${tag} ${text.length}`);
    expect(tags).toEqual([`P ${LOG_LINE_BYTES}`, `F ${LOG_LINE_BYTES}`, "P 5"]);
  });
});
