// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fchownSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ChildStdio, Spawn } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import type { TerminalSize } from "../linux/terminal-syscalls.ts";
import type { Logger } from "../log/logger.ts";
import { openBinaryLog } from "./binary-log.ts";
import { openFifo } from "./fifo.ts";

/** Where a process's stdio goes, as containerd names it in Create and Exec. */
export interface StdioRequest {
  /** FIFO path, or empty for none. */
  readonly stdin: string;
  /** FIFO or file path, `file://` or `binary://` URI, or empty for none. */
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

/**
 * A process's open stdio.
 *
 * The container gets the far ends themselves, so no byte passes through the shim. What the shim keeps: a write
 * end of stdin, so that the process sees no end of input before CloseIO, and read ends of stdout and stderr, so
 * that it gets no SIGPIPE while containerd is away. All is closed by dispose, after the process has ended.
 */
export interface Stdio extends AsyncDisposable {
  /** For the child's fd 0, 1 and 2; ours until `handedOver`. */
  readonly child: [ChildStdio, ChildStdio, ChildStdio];
  /** Where the OCI runtime sends the terminal, for a process that has one; `child` is nothing then. */
  readonly consoleSocket?: string;
  /**
   * The child has its own copies: closes ours, so that readers see the end when the child ends. Of a terminal, takes what
   * the OCI runtime has sent, and throws ShimError Internal when it has sent none.
   */
  handedOver(): void;
  /** Sets the size of the terminal; absent without one. */
  resize?(size: TerminalSize): void;
  /** Lets the process see the end of its input once all other writers are gone. Idempotent. */
  closeStdin(): void;
}

/** Who is to own the pipes and FIFOs of a container's stdio, so that it can open them anew. */
export interface IoOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What stdio is opened for: the container that a `binary://` logger logs for, and what starts the logger. */
export interface StdioOwner {
  readonly id: string;
  readonly namespace: string;
  readonly spawn: Spawn;
  readonly log: Logger;
  /** Where a terminal's socket is for as long as it takes to open it. */
  readonly stateDir: string;
  /** Whether it is an exec's, to whose terminal no client comes back. */
  readonly isExec?: boolean;
  /** Absent: they stay as they are. */
  readonly ioOwner?: IoOwner | undefined;
}

/**
 * Opens what a request names; the caller disposes the result.
 *
 * @throws ShimError InvalidArgument for a URI scheme or path that cannot be used or a logger that cannot run,
 * DeadlineExceeded for one that is never ready.
 */
export async function openStdio(request: StdioRequest, owner: StdioOwner): Promise<Stdio> {
  if (request.terminal) return (await import("./terminal.ts")).openTerminal(request, owner);
  await using undo = new AsyncDisposableStack();
  const childEnds: number[] = [];
  const keep = (fd: number) => undo.defer(() => closeQuietly(fd));
  const child: [ChildStdio, ChildStdio, ChildStdio] = ["ignore", "ignore", "ignore"];
  let stdinWriter: number | undefined;

  const pass = (index: 0 | 1 | 2, fd: number): void => {
    child[index] = fd;
    if (!childEnds.includes(fd)) childEnds.push(fd);
  };
  const closeChildEnds = (): void => {
    for (const fd of childEnds.splice(0)) closeQuietly(fd);
  };
  const closeStdin = (): void => {
    if (stdinWriter !== undefined) closeQuietly(stdinWriter);
    stdinWriter = undefined;
  };
  undo.defer(closeChildEnds);
  undo.defer(closeStdin);

  if (request.stdin !== "") {
    const ends = openFifo(request.stdin, "stdin");
    pass(0, ends.read);
    stdinWriter = ends.write;
  }
  if (request.stdout.startsWith("binary://")) {
    const logger = await openBinaryLog(request.stdout, owner);
    undo.defer(async () => {
      closeChildEnds(); // the logger ends when its input does
      await logger[Symbol.asyncDispose]();
    });
    pass(1, logger.stdout);
    pass(2, logger.stderr);
  } else {
    for (const [index, target] of [
      [1, request.stdout],
      [2, request.stderr],
    ] as const) {
      if (target === "") continue;
      if (index === 2 && target === request.stdout && typeof child[1] === "number") {
        pass(2, child[1]); // one description, one file offset: the two streams do not overwrite each other
        continue;
      }
      const opened = openOutput(target, index === 1 ? "stdout" : "stderr");
      pass(index, opened.write);
      if (opened.keep !== undefined) keep(opened.keep);
    }
  }
  if (owner.ioOwner !== undefined) giveTo(owner.ioOwner, childEnds);
  const resources = undo.move();
  return {
    child,
    handedOver: closeChildEnds,
    closeStdin,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/**
 * Opens a FIFO or a file to write to; of a FIFO also the other end, which keeps its writers from SIGPIPE. The caller owns
 * the fds.
 *
 * @throws ShimError InvalidArgument.
 */
export function openOutput(target: string, name: string): { write: number; keep?: number } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//.exec(target)?.[1];
  if (scheme !== undefined && scheme !== "file" && scheme !== "fifo") {
    throw new ShimError(
      "InvalidArgument",
      `cannot open ${name} "${target}": unknown scheme (fifo, file or binary)`,
    );
  }
  const create = scheme === "file" ? constants.O_CREAT : 0;
  try {
    const path = scheme === undefined ? target : decodeURIComponent(new URL(target).pathname);
    if (scheme === "file") mkdirSync(dirname(path), { recursive: true });
    if (isFifo(path)) {
      const ends = openFifo(path, name);
      return { write: ends.write, keep: ends.read };
    }
    return { write: openSync(path, constants.O_WRONLY | constants.O_APPEND | create, 0o644) };
  } catch (error) {
    if (error instanceof ShimError) throw error;
    throw new ShimError("InvalidArgument", `cannot open ${name} "${target}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

// Not a file, which is a log that somebody else keeps.
function giveTo({ uid, gid }: IoOwner, fds: readonly number[]): void {
  for (const fd of fds) if (fstatSync(fd).isFIFO()) fchownSync(fd, uid, gid);
}

function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** Closes what may be closed already. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // EBADF: closed before; there is nothing left to give back
  }
}
