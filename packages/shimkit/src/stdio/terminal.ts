// SPDX-License-Identifier: Apache-2.0
import { closeSync, writeSync } from "node:fs";
import { messageOf } from "../error.ts";
import { resizeTerminal, setNonBlocking, type TerminalSize } from "../linux/terminal-syscalls.ts";
import type { Logger } from "../log/logger.ts";
import { openBinaryLog } from "./binary-log.ts";
import { openConsoleSocket, type ConsoleSocket } from "./console-socket.ts";
import { endsWithin } from "./ends-within.ts";
import { openFifo } from "./fifo.ts";
import { openOutput, type Stdio, type StdioOwner, type StdioRequest } from "./stdio.ts";
import { copyToTerminal } from "./terminal-input.ts";
import { copyFromTerminal, type ByteReader, type OutputTarget } from "./terminal-output.ts";

/** How long the last output may take after the process has ended; as runc's shim gives it. */
const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Opens the stdio of a process that has a terminal: the daemon copies between the terminal's master and what containerd
 * named. There is one output, to `stdout`.
 *
 * Order relied on: `handedOver` after the OCI runtime has ended, dispose after the process has; dispose waits for the last
 * output.
 *
 * @throws ShimError as `openStdio`.
 */
export async function openTerminal(request: StdioRequest, owner: StdioOwner): Promise<Stdio> {
  await using undo = new AsyncDisposableStack();
  const socket = undo.use(openConsoleSocket(owner.stateDir));
  const input = request.stdin === "" ? undefined : openInput(request.stdin, undo);
  const output = request.stdout === "" ? undefined : await openTarget(request.stdout, owner, undo);
  const terminal = undo.use(new Terminal({ socket, input: input?.read, output, log: owner.log }));
  const resources = undo.move();
  return {
    child: ["ignore", "ignore", "ignore"],
    consoleSocket: socket.path,
    handedOver: () => terminal.open(),
    closeStdin: () => input?.end(),
    resize: (size) => terminal.resize(size),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

interface Input {
  readonly read: number;
  /** Idempotent. */
  end(): void;
}

function openInput(path: string, undo: AsyncDisposableStack): Input {
  const { read, write } = openFifo(path, "stdin");
  undo.defer(() => closeSync(read));
  const end = closeOnce(write);
  undo.defer(end);
  setNonBlocking(read);
  return { read, end };
}

async function openTarget(
  target: string,
  owner: StdioOwner,
  undo: AsyncDisposableStack,
): Promise<OutputTarget> {
  if (target.startsWith("binary://")) {
    const logger = await openBinaryLog(target, owner);
    undo.use(logger); // after the end of what it reads
    const close = closeOnce(logger.stdout);
    undo.defer(close);
    closeSync(logger.stderr); // a terminal has one output
    setNonBlocking(logger.stdout);
    return { write: logger.stdout, letGo: () => {}, waits: true, close };
  }
  const { write, keep } = openOutput(target, "stdout");
  const close = closeOnce(write);
  undo.defer(close);
  const letGo = keep === undefined ? () => {} : closeOnce(keep);
  undo.defer(letGo);
  setNonBlocking(write);
  // A container's client attaches again, and gets what it would without a terminal. An exec's has gone for good when it has:
  // its program must not wait for ever.
  return { write, letGo, waits: !owner.isExec, close };
}

function closeOnce(fd: number): () => void {
  let isOpen = true;
  return () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
}

interface TerminalParts {
  readonly socket: ConsoleSocket;
  /** Non-blocking, the caller's. */
  readonly input: number | undefined;
  readonly output: OutputTarget | undefined;
  readonly log: Logger;
}

/** A terminal whose master the OCI runtime sends, and what is copied to and from it. */
class Terminal implements AsyncDisposable {
  readonly #socket: ConsoleSocket;
  readonly #inputFd: number | undefined;
  readonly #target: OutputTarget | undefined;
  readonly #log: Logger;
  #master: number | undefined;
  #input: ByteReader | undefined;
  #output: ByteReader | undefined;
  #copied: Promise<unknown> = Promise.resolve();

  constructor({ socket, input, output, log }: TerminalParts) {
    this.#socket = socket;
    this.#inputFd = input;
    this.#target = output;
    this.#log = log;
  }

  open(): void {
    const master = this.#socket.receive();
    this.#master = master;
    this.#socket[Symbol.dispose]();
    setNonBlocking(master);
    const output = Bun.file(master).stream().getReader();
    this.#output = output;
    // Closed then and not at Delete: CRI waits for the end of an exec's output before it deletes the exec.
    this.#copied = copyFromTerminal(output, this.#target)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#target?.close());
    if (this.#inputFd === undefined) return;
    const input = Bun.file(this.#inputFd).stream().getReader();
    this.#input = input;
    void copyToTerminal(input, (bytes) => this.#write(bytes)).catch((error: unknown) => this.#fail(error));
  }

  // Not by the number of a master that is closed, which may be another file's.
  #write(bytes: Uint8Array): number | undefined {
    return this.#master === undefined ? undefined : writeSync(this.#master, bytes);
  }

  // The process goes on without: whoever looks after it has the log.
  #fail(error: unknown): void {
    this.#log.warn(`a terminal is copied no further: ${messageOf(error)}`);
  }

  resize(size: TerminalSize): void {
    if (this.#master !== undefined) resizeTerminal(this.#master, size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input?.cancel().catch(ignoreEnd);
    this.#target?.letGo(); // who has not come by now does not read the rest
    // A process that has left the container's session may hold the terminal for ever.
    await endsWithin(this.#copied, DRAIN_TIMEOUT_MS);
    await this.#output?.cancel().catch(ignoreEnd);
    if (this.#master !== undefined) closeSync(this.#master);
    this.#master = undefined;
  }
}

// A stream that has ended with an error, as a terminal's does, rejects with that again.
function ignoreEnd(): void {}
