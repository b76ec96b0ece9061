// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import type { Child } from "@runwasi/oci-runtime";
import { messageOf, ShimError } from "../error.ts";
import { createPipe } from "../linux/pipe-syscalls.ts";
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
export async function openBinaryLog(uri: string, { id, namespace, spawn }: StdioOwner): Promise<BinaryLog> {
  const { pathname, searchParams } = new URL(uri);
  const program = decodeURIComponent(pathname);
  const args = [...searchParams].flatMap(([key, value]) => [key, value]);
  using undo = new DisposableStack();
  const pipe = (): { read: number; write: number } => {
    const ends = createPipe();
    undo.defer(() => closeSync(ends.write));
    return ends;
  };
  const [out, err] = [pipe(), pipe()];
  const ready = createPipe();
  undo.defer(() => closeSync(ready.read));
  let child: Child;
  try {
    child = spawn([program, ...args], {
      stdio: ["ignore", "ignore", "ignore", out.read, err.read, ready.write],
      env: { CONTAINER_ID: id, CONTAINER_NAMESPACE: namespace },
      cwd: "/",
    });
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot run log binary "${program}": ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    for (const fd of [out.read, err.read, ready.write]) closeSync(fd);
  }
  if (!(await endsWithin(Bun.file(ready.read).bytes(), READY_TIMEOUT_MS))) {
    child.kill("SIGKILL");
    throw new ShimError(
      "DeadlineExceeded",
      `log binary "${program}" is not ready after ${READY_TIMEOUT_MS} ms`,
    );
  }
  closeSync(ready.read);
  undo.move();
  return {
    stdout: out.write,
    stderr: err.write,
    async [Symbol.asyncDispose]() {
      if (await endsWithin(child.exited, END_TIMEOUT_MS)) return;
      child.kill("SIGTERM");
      if (await endsWithin(child.exited, END_TIMEOUT_MS)) return;
      child.kill("SIGKILL");
    },
  };
}

async function endsWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), timeoutMs);
  try {
    return await Promise.race([promise.then(() => true), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
