// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from "node:fs";
import { expect, test } from "bun:test";
import type { ClaimedChild } from "../daemon/reaper.ts";
import { endedBeforeExec, executableOf } from "./exec-watch.ts";

/** A shell that waits for a line, as a container's init does for `start`, and then does what it is told. */
function waitingInit(script: string) {
  const process = Bun.spawn(["/bin/sh", "-c", `read line; ${script}`], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const child: ClaimedChild = {
    pid: process.pid,
    exited: process.exited.then((status) => ({ pid: process.pid, status, exitedAtMs: 0 })),
    signal: () => false,
  };
  return {
    child,
    async release() {
      await process.stdin.write("go\n");
      await process.stdin.end();
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.exited;
    },
  };
}

test("an init that executes its program has not ended before it", async () => {
  await using init = waitingInit("exec sleep 60");
  const before = executableOf(init.child.pid);
  expect(before).toBe(realpathSync("/bin/sh"));
  await init.release();
  expect(await endedBeforeExec(init.child, before)).toBe(false);
});

test("an init that ends without executing anything has", async () => {
  await using init = waitingInit("exit 126");
  const before = executableOf(init.child.pid);
  await init.release();
  expect(await endedBeforeExec(init.child, before)).toBe(true);
});

test("executableOf() is undefined for a process that is gone", async () => {
  await using init = waitingInit("exit 0");
  await init.release();
  await init.child.exited;
  expect(executableOf(init.child.pid)).toBeUndefined();
});
