// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import type { Child } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import { createPipe } from "../linux/pipe-syscalls.ts";
import { endsWithin } from "./ends-within.ts";
import type { StdioOwner } from "./stdio.ts";

/** How long a logger may take to say that it is ready. */
const READY_TIMEOUT_MS = 10_000;
/** How long a logger may take to end after its input has; as runc's shim gives it. */
const END_TIMEOUT_MS = 12_000;

/** A running `binary://` logger; the write ends go to the container and are the caller's to close. */
export interface BinaryLog extends AsyncDisposable {
  readonly stdout: number;
  readonly stderr: number;
}

/**
 * Starts the logging program of a `binary:///path?key=value` URI.
 *
 * The program gets the query as arguments, CONTAINER_ID and CONTAINER_NAMESPACE, the container's stdout and stderr
 * to read as fd 3 and 4, and closes fd 5 when it is ready. Dispose waits for it to end after its input has ended,
 * then sends SIGTERM, then SIGKILL.
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/runtime/v2/README.md#logging
 *
 * @throws ShimError InvalidArgument when the program cannot be run, DeadlineExceeded when it is never ready.
 */
export async function openBinaryLog(uri: string, owner: StdioOwner): Promise<BinaryLog> {
  using undo = new DisposableStack();
  const { program, child, ready, stdout, stderr } = startLogger(uri, owner, undo);
  if (!(await endsWithin(readToEnd(ready), READY_TIMEOUT_MS))) {
    child.kill("SIGKILL");
    throw new ShimError(
      "DeadlineExceeded",
      `log binary "${program}" is not ready after ${READY_TIMEOUT_MS} ms`,
    );
  }
  undo.move();
  return {
    stdout,
    stderr,
    async [Symbol.asyncDispose]() {
      if (await endsWithin(child.exited, END_TIMEOUT_MS)) return;
      child.kill("SIGTERM");
      if (await endsWithin(child.exited, END_TIMEOUT_MS)) return;
      child.kill("SIGKILL");
    },
  };
}

interface StartedLogger {
  readonly program: string;
  readonly child: Child;
  /** Ends when the logger is ready; the caller's to close. */
  readonly ready: number;
  /** What the container writes to; closed by `undo`. */
  readonly stdout: number;
  readonly stderr: number;
}

function startLogger(
  uri: string,
  { id, namespace, spawn }: StdioOwner,
  undo: DisposableStack,
): StartedLogger {
  const { program, args } = parseLogUri(uri);
  using given = new DisposableStack(); // the logger's ends, of which it has copies once it runs
  using unread = new DisposableStack();
  const pipe = (ours: "read" | "write", owner: DisposableStack): { read: number; write: number } => {
    const ends = createPipe();
    owner.defer(() => closeSync(ends[ours]));
    given.defer(() => closeSync(ours === "read" ? ends.write : ends.read));
    return ends;
  };
  const [out, err, ready] = [pipe("write", undo), pipe("write", undo), pipe("read", unread)];
  try {
    const child = spawn([program, ...args], {
      stdio: ["ignore", "ignore", "ignore", out.read, err.read, ready.write],
      env: { CONTAINER_ID: id, CONTAINER_NAMESPACE: namespace },
      cwd: "/",
    });
    unread.move();
    return { program, child, ready: ready.read, stdout: out.write, stderr: err.write };
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot run log binary "${program}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parseLogUri(uri: string): { program: string; args: readonly string[] } {
  try {
    const { pathname, searchParams } = new URL(uri);
    return { program: decodeURIComponent(pathname), args: [...searchParams].flat() };
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot use log URI "${uri}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

// Closed only when the read is over: before, the number could be another file's by the time it is read again.
async function readToEnd(fd: number): Promise<void> {
  try {
    await Bun.file(fd).bytes();
  } finally {
    closeSync(fd);
  }
}
