// SPDX-License-Identifier: Apache-2.0
// A program for inherited-socket.test.ts. Run with a path, it binds the socket, hands it as descriptor 3 to itself run
// without, and dies before that serves: what a shim's `start` does.
import { readdirSync, readlinkSync } from "node:fs";
import { serve } from "../server.ts";
import { service } from "../service.ts";
import { EchoDefinition } from "./echo.ts";

const INHERITED_FD = 3;

const path = process.argv[2];
if (path === undefined) {
  serveInherited();
} else {
  bindAndHandOver(path);
}

function serveInherited(): void {
  const server = serve({
    listen: { fd: INHERITED_FD },
    services: [
      service(EchoDefinition, {
        echo: async (request) => request,
        async wait(request) {
          // The process ends when its server has: nothing else keeps it.
          void server.close();
          return request;
        },
      }),
    ],
    toStatus: (error) => ({ code: 2, message: String(error) }),
  });
}

function bindAndHandOver(unix: string): void {
  const before = new Set(socketFds());
  Bun.listen({ unix, socket: { data() {} } });
  const fd = socketFds().find((candidate) => !before.has(candidate));
  if (fd === undefined) {
    throw new Error("no new socket in /proc/self/fd");
  }
  Bun.spawn([process.execPath, import.meta.path], { stdio: ["ignore", "ignore", "inherit", fd] });
  // Without unlinking the socket, as an orderly end would.
  process.kill(process.pid, "SIGKILL");
}

function socketFds(): number[] {
  return readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => isSocket(fd));
}

function isSocket(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
  } catch {
    // The descriptor that listed the folder is closed again.
    return false;
  }
}
