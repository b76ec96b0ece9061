// SPDX-License-Identifier: Apache-2.0
// binary:// loggers that die, never read or are never ready: the container is as it would be under runc's shim.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { execIn } from "./harness/exec.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { findTask } from "./harness/tasks.ts";

const image = imageName("busybox");
const READY = "exec 5>&-";
/** Longer than a logger is waited for that does not end. */
const PATIENT_MS = 60_000;

async function logger(containerd: Containerd, ...lines: readonly string[]): Promise<readonly string[]> {
  const path = join(containerd.folder, `logger-${Bun.randomUUIDv7()}`);
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
  return ["--log-uri", `binary://${path}`];
}

// Of native containers: they are the same under every shim.
forEachShim(
  SHIMS.slice(0, 1),
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    // SIGPIPE is ignored: echo sees the error, and the program decides.
    const WRITER = ["sh", "-c", "trap '' PIPE; sleep 0.3; echo x && exit 3; exit 7"];

    test.each([
      ["that is ready and ends", READY],
      ["that ends without a word", "exit 9"],
    ])("a logger %s leaves the container to its own devices, as under runc's shim", async (_what, line) => {
      const flags = await logger(containerd(), line);
      for (const warm of [runtime, "runc"] as const)
        await runContainer(containerd(), { runtime: warm, image, args: ["true"] });
      const before = await listPossessions(containerd());
      const run = { image, flags, args: WRITER };
      const ours = await runContainer(containerd(), { ...run, runtime });
      expect(ours.exitCode).toBe(7);
      expect((await runContainer(containerd(), { ...run, runtime: "runc" })).exitCode).toBe(7);
      await assertNothingLeft(containerd(), before);
    });

    /** Expects that Create fails with `words` and leaves nothing. */
    async function expectFailure(flags: readonly string[], words: string): Promise<void> {
      const run = { runtime, image, args: ["true"] };
      await runContainer(containerd(), run);
      const before = await listPossessions(containerd());
      const { stderr, exitCode } = await runContainer(containerd(), { ...run, flags });
      expect({ tells: stderr.includes(words), exitCode }).toEqual({ tells: true, exitCode: 1 });
      await assertNothingLeft(containerd(), before);
    }

    test("a logger that is not there fails Create by name and leaves nothing", () =>
      expectFailure(["--log-uri", "binary:///no/such/logger"], "/no/such/logger"));

    test(
      "a logger that is never ready fails Create in words and leaves nothing",
      async () => expectFailure(await logger(containerd(), "exec sleep 1000"), "is not ready after"),
      PATIENT_MS,
    );

    test(
      "a logger that never reads holds up who writes more than a pipe takes, and nobody else",
      async () => {
        const flags = await logger(containerd(), READY, "exec sleep 1000");
        await runContainer(containerd(), { runtime, image, args: ["true"] });
        const before = await listPossessions(containerd());
        const id = containerd().nextId();
        const args = ["sh", "-c", "yes"];
        const started = await containerd().ctr([
          "run",
          "--runtime",
          `io.containerd.${runtime}.v1`,
          "--detach",
          ...flags,
          image,
          id,
          ...args,
        ]);
        expect(started).toMatchObject({ exitCode: 0 });
        const task = await findTask(containerd(), id);
        expect(task?.status).toBe("RUNNING");
        {
          await using other = await startDetached(containerd(), { runtime, image, args: ["sleep", "1000"] });
          const ran = await execIn(containerd(), other, { args: ["echo", "beside"] });
          expect(ran.stdout).toBe("beside\n");
        }
        const within = await containerd().ctr(["task", "exec", "--exec-id", "e", id, "echo", "within"]);
        expect(within.stdout).toBe("within\n");
        await containerd().ctr(["task", "kill", "--signal", "SIGKILL", id]);
        const removed = await containerd().ctr(["task", "delete", "--force", id], { timeoutMs: PATIENT_MS });
        expect(removed.stderr).toContain("137");
        await containerd().ctr(["container", "rm", id]);
        await assertNothingLeft(containerd(), before);
      },
      PATIENT_MS,
    );
  },
);
