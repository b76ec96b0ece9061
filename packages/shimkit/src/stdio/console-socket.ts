// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { listenUnix } from "../linux/socket-syscalls.ts";
import { acceptConnection, receiveDescriptor, setNonBlocking } from "../linux/terminal-syscalls.ts";

/** A unix socket to which an OCI runtime sends the master of a terminal (`--console-socket`). */
export interface ConsoleSocket extends Disposable {
  readonly path: string;
  /**
   * The master, which the caller owns. To be called when the runtime has ended, which sends before it does.
   *
   * @throws ShimError Internal when none was sent.
   */
  receive(): number;
}

/** Makes the socket below `stateDir`; dispose closes and removes it. */
export function openConsoleSocket(stateDir: string): ConsoleSocket {
  using undo = new DisposableStack();
  const folder = mkdtempSync(join(stateDir, "pty-")); // 0700
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "socket");
  const listener = listenUnix(path);
  undo.defer(() => closeSync(listener));
  setNonBlocking(listener); // a runtime that does not connect must not stop the daemon
  const resources = undo.move();
  return {
    path,
    receive() {
      const connection = acceptConnection(listener);
      try {
        return receiveDescriptor(connection);
      } finally {
        closeSync(connection);
      }
    },
    [Symbol.dispose]: () => resources.dispose(),
  };
}
