// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { WaitResponse } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { mustRun } from "./command.ts";
import type { Containerd } from "./containerd.ts";
import type { DetachedContainer } from "./detached.ts";
import { connectTo, TASK } from "./task-client.ts";
import { waitUntil } from "./wait-until.ts";

/** An exec with a terminal, over FIFOs as containerd's client makes them; dispose deletes it. */
export interface TerminalExec extends AsyncDisposable {
  write(text: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** Ends the input, as a client does: its own end and CloseIO. */
  closeInput(): Promise<void>;
  printed(text: string): Promise<void>;
  /** All output, once the exec has been deleted. */
  output(): Promise<string>;
  ended(): Promise<WaitResponse>;
  /** Ends the reader of the output. */
  leave(): void;
}

const m = TASK.methods;
let terminals = 0;

/** Starts a program on a terminal in a container. */
export async function openTerminalExec(
  containerd: Containerd,
  container: DetachedContainer,
  args: readonly string[],
): Promise<TerminalExec> {
  const execId = `t${(terminals += 1)}`;
  const exec = { id: container.id, execId };
  const [stdin, stdout] = ["in", "out"].map((name) =>
    join(containerd.folder, `${container.id}-${execId}-${name}`),
  );
  if (stdin === undefined || stdout === undefined) throw new Error("no paths");
  await mustRun(["mkfifo", stdin, stdout]);
  const reader = Bun.spawn(["cat", stdout], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of reader.stdout) text += decoder.decode(chunk, { stream: true });
  })();
  const client = await connectTo(containerd, container.id);
  const process = { args, cwd: "/", env: ["PATH=/bin"], user: { uid: 0, gid: 0 }, terminal: true };
  const spec = { typeUrl: "process", value: Buffer.from(JSON.stringify(process)) };
  await client.call(TASK, m.exec, { ...exec, terminal: true, stdin, stdout, stderr: "", spec });
  await client.call(TASK, m.start, exec);
  let input: number | undefined = openSync(stdin, constants.O_WRONLY | constants.O_NONBLOCK);
  const closeOwn = () => {
    if (input !== undefined) closeSync(input);
    input = undefined;
  };
  let isDeleted = false;
  const remove = async () => {
    if (isDeleted) return;
    isDeleted = true;
    await client.call(TASK, m.delete, exec);
    await reading;
  };
  return {
    async write(typed) {
      if (input !== undefined) writeSync(input, typed);
    },
    async resize(width, height) {
      await client.call(TASK, m.resizePty, { ...exec, width, height });
    },
    async closeInput() {
      closeOwn();
      await client.call(TASK, m.closeIO, { ...exec, stdin: true });
    },
    printed: async (wanted) =>
      void (await waitUntil(`terminal to show ${wanted}`, () => (text.includes(wanted) ? true : undefined))),
    async output() {
      await remove();
      return text;
    },
    ended: () => client.call(TASK, m.wait, exec),
    leave: () => reader.kill("SIGKILL"),
    async [Symbol.asyncDispose]() {
      closeOwn();
      if (!isDeleted) await client.call(TASK, m.kill, { ...exec, signal: 9, all: false }).catch(() => {});
      if (!isDeleted) await client.call(TASK, m.wait, exec);
      await remove();
      client[Symbol.dispose]();
      rmSync(stdin, { force: true });
      rmSync(stdout, { force: true });
    },
  };
}
