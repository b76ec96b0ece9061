// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { removeContainer } from "../harness/detached.ts";
import { runArguments } from "../harness/run.ts";
import { writeSpecFor } from "../harness/spec.ts";
import { waitForStatus } from "../harness/tasks.ts";
import type { Stage } from "./stage.ts";

/**
 * Makes a task that is never started: ctr, which does both, is stopped by a hook that runs while the task is created. Dispose
 * removes it.
 */
export async function createTask(stage: Stage): Promise<AsyncDisposable> {
  const { containerd, runtime, id, rootfs } = stage;
  const pidFile = join(stage.folder, "ctr.pid");
  const stop = { path: "/bin/sh", args: ["sh", "-c", `kill -STOP $(cat ${pidFile})`] };
  const { flags } = await writeSpecFor(
    containerd,
    { id, rootfs },
    { hooks: { createRuntime: [stop] }, process: { args: ["sleep", "1000"], env: ["PATH=/bin"] } },
  );
  const argv = containerd.ctrCommand(
    runArguments(containerd, { runtime, id, flags: ["--null-io", ...flags] }),
  );
  const ctr = Bun.spawn(["sh", "-c", 'echo $$ >"$0" && exec "$@"', pidFile, ...argv], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeContainer(containerd, id));
  undo.defer(async () => {
    ctr.kill("SIGKILL");
    await ctr.exited;
  });
  await waitForStatus(containerd, id, "CREATED");
  return undo.move();
}
