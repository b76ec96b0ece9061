// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Containerd } from "./containerd.ts";
import { removeContainer } from "./detached.ts";
import { runArguments, type Run } from "./run.ts";
import { findTask } from "./tasks.ts";
import { waitUntil } from "./wait-until.ts";

/** A ctr at a terminal of its own, as a person has it; dispose kills it. */
export interface TerminalClient extends AsyncDisposable {
  readonly exited: Promise<number>;
  write(text: string): void;
  /** Of its own terminal; ctr is told by the kernel and passes it on. */
  resize(width: number, height: number): void;
  /** Waits until its terminal has shown `text`. */
  printed(text: string): Promise<void>;
  output(): string;
}

/** Runs ctr(1) at a terminal; the caller disposes. */
export function openTerminalClient(containerd: Containerd, args: readonly string[]): TerminalClient {
  const decoder = new TextDecoder();
  let text = "";
  // Not a Bun.Terminal made before: that is not the controlling one, and the kernel says nothing of its size.
  const child = Bun.spawn(containerd.ctrCommand(args), {
    terminal: { data: (_terminal, bytes) => void (text += decoder.decode(bytes, { stream: true })) },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("Bun has made no terminal");
  return {
    exited: child.exited,
    write: (typed) => void terminal.write(typed),
    resize: (width, height) => terminal.resize(width, height),
    printed: async (wanted) =>
      void (await waitUntil(`ctr to show ${wanted}`, () => (text.includes(wanted) ? true : undefined))),
    output: () => text,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      terminal.close();
    },
  };
}

/** A container that goes on with a terminal at which nobody is; dispose kills and removes it. */
export interface UnattendedContainer extends AsyncDisposable {
  readonly id: string;
  /** Tells its program something without containerd or the terminal: there is a file /go then. */
  tell(): Promise<void>;
  /** Whether it has a file in its root, as `waitUntil` asks. */
  holds(name: string): true | undefined;
}

/** Starts a container with a terminal and lets it go on; the caller disposes. */
export async function startUnattended(containerd: Containerd, run: Run): Promise<UnattendedContainer> {
  const id = run.id ?? containerd.nextId();
  const flags = ["--tty", "--detach", ...(run.flags ?? [])];
  await using ctr = openTerminalClient(containerd, runArguments(containerd, { ...run, id, flags }));
  const exitCode = await ctr.exited;
  const task = await findTask(containerd, id);
  if (exitCode !== 0 || task === undefined)
    throw new Error(`cannot start container "${id}": ${ctr.output()}`);
  const root = `/proc/${task.pid}/root`;
  return {
    id,
    tell: () => writeFile(`${root}/go`, ""),
    holds: (name) => (existsSync(`${root}/${name}`) ? true : undefined),
    async [Symbol.asyncDispose]() {
      await removeContainer(containerd, id);
    },
  };
}
