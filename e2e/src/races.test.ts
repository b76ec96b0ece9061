// SPDX-License-Identifier: Apache-2.0
// Calls that meet each other, and callers that go away half-way.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TtrpcError } from "@runwasi/ttrpc";
import { forEachShim } from "./harness/for-each-shim.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { runArguments } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { daemonPid, openHandShim, shellFiles, shutDown, warmUp } from "./harness/shim-commands.ts";
import { writeSpec } from "./harness/spec.ts";
import { TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const m = TASK.methods;
const ROUNDS = 12;
const SLEEP = { args: ["/bin/sleep", "1000"], terminal: false };

forEachShim(
  SHIMS,
  async () => [],
  ({ runtime, containerd }) => {
    /** A hook that makes Create last until the test says so. */
    const slowHook = (folder: string) => ({
      createRuntime: [
        {
          path: "/bin/sh",
          args: ["sh", "-c", `touch ${folder}/creating; while ! [ -e ${folder}/go ]; do sleep 0.02; done`],
          env: ["PATH=/usr/bin:/bin"],
        },
      ],
    });
    const exists = (path: string) =>
      readFile(path).then(
        () => true,
        () => undefined,
      );

    describe("a kill", () => {
      test("that meets start ends the container, whichever comes first", async () => {
        const shim = await openHandShim(containerd(), runtime, { process: SLEEP });
        await warmUp(containerd(), runtime);
        const before = await listPossessions(containerd());
        await shim.start();
        const { id } = shim;
        {
          using client = await shim.connect();
          for (let round = 0; round < ROUNDS; round += 1) {
            await client.call(TASK, m.create, shim.createRequest);
            const started = client.call(TASK, m.start, { id, execId: "" }).catch(statusOf);
            await Bun.sleep(round / 4);
            await client.call(TASK, m.kill, { id, execId: "", signal: 9, all: false });
            await started;
            expect((await client.call(TASK, m.wait, { id, execId: "" })).exitStatus).toBe(137);
            expect((await client.call(TASK, m.delete, { id, execId: "" })).exitStatus).toBe(137);
          }
          await shutDown(client, id);
        }
        await assertNothingLeft(containerd(), before);
      });

      test("of a container that was created and not started ends it, and so does delete", async () => {
        const shim = await openHandShim(containerd(), runtime, { process: SLEEP });
        await warmUp(containerd(), runtime);
        const before = await listPossessions(containerd());
        await shim.start();
        const { id } = shim;
        {
          using client = await shim.connect();
          await client.call(TASK, m.create, shim.createRequest);
          await client.call(TASK, m.kill, { id, execId: "", signal: 9, all: false });
          expect((await client.call(TASK, m.wait, { id, execId: "" })).exitStatus).toBe(137);
          await client.call(TASK, m.delete, { id, execId: "" });
          await client.call(TASK, m.create, shim.createRequest);
          expect((await client.call(TASK, m.delete, { id, execId: "" })).exitStatus).toBe(137);
          await shutDown(client, id);
        }
        await assertNothingLeft(containerd(), before);
      });
    });

    test("a start that meets the end of its pod's daemon gets one that serves it", async () => {
      const pod = { process: SLEEP, annotations: { "io.kubernetes.cri.sandbox-id": containerd().nextId() } };
      const first = await openHandShim(containerd(), runtime, pod);
      const second = await openHandShim(containerd(), runtime, pod);
      await warmUp(containerd(), runtime);
      const before = await listPossessions(containerd());
      for (let round = 0; round < ROUNDS; round += 1) {
        await first.start();
        using client = await first.connect();
        const starting = second.start();
        await Bun.sleep(round);
        await client.call(TASK, m.shutdown, { id: first.id, now: false }).catch(statusOf);
        expect((await starting).exitCode).toBe(0);
        using late = await second.connect();
        await late.call(TASK, m.create, second.createRequest);
        await late.call(TASK, m.delete, { id: second.id, execId: "" });
        await shutDown(late, second.id);
      }
      await assertNothingLeft(containerd(), before);
    });

    describe("a delete", () => {
      test("that comes during create waits for it and leaves nothing", async () => {
        const shim = await openHandShim(containerd(), runtime, { process: SLEEP });
        const { bundle, id } = shim;
        const config = join(bundle, "config.json");
        const spec: unknown = JSON.parse(await readFile(config, "utf8"));
        await Bun.write(config, JSON.stringify(Object.assign({}, spec, { hooks: slowHook(bundle) })));
        await warmUp(containerd(), runtime);
        const before = await listPossessions(containerd());
        await shim.start();
        {
          using client = await shim.connect();
          const created = client.call(TASK, m.create, shim.createRequest).catch(statusOf);
          await waitUntil("create to reach its hook", () => exists(join(bundle, "creating")));
          const deleted = client.call(TASK, m.delete, { id, execId: "" });
          await client.call(TASK, m.connect, { id }); // the delete was read before this
          await Bun.write(join(bundle, "go"), "");
          await created;
          expect((await deleted).exitStatus).toBe(137);
          await shutDown(client, id);
        }
        await assertNothingLeft(containerd(), before);
      });
    });

    test("a daemon that is killed during create leaves nothing once delete has run", async () => {
      const shim = await openHandShim(containerd(), runtime, { process: SLEEP });
      const config = join(shim.bundle, "config.json");
      const spec: unknown = JSON.parse(await readFile(config, "utf8"));
      await Bun.write(config, JSON.stringify(Object.assign({}, spec, { hooks: slowHook(shim.bundle) })));
      await warmUp(containerd(), runtime);
      const before = await listPossessions(containerd());
      await shim.start();
      using client = await shim.connect();
      const daemon = await daemonPid(client, shim.id);
      const created = client.call(TASK, m.create, shim.createRequest).catch(statusOf);
      await waitUntil("create to reach its hook", () => exists(join(shim.bundle, "creating")));
      process.kill(daemon, "SIGKILL");
      await created;
      expect((await shim.deleteByCommand()).exitStatus).toBe(137);
      await Bun.write(join(shim.bundle, "go"), "");
      await assertNothingLeft(containerd(), before);
    });

    test("a client that is killed during create leaves nothing", async () => {
      const { id, flags, rootfs } = await writeSpec(containerd(), await shellFiles(), { process: SLEEP });
      const config = flags[1] ?? "";
      const folder = join(rootfs, "..");
      const spec: unknown = JSON.parse(await readFile(config, "utf8"));
      await Bun.write(config, JSON.stringify(Object.assign({}, spec, { hooks: slowHook(folder) })));
      await warmUp(containerd(), runtime);
      const before = await listPossessions(containerd());
      const argv = runArguments(containerd(), { runtime, id, flags: ["--detach", "--null-io", ...flags] });
      const ctr = Bun.spawn(containerd().ctrCommand(argv), { stdio: ["ignore", "ignore", "ignore"] });
      await waitUntil("create to reach its hook", () => exists(join(folder, "creating")));
      ctr.kill("SIGKILL");
      await ctr.exited;
      await Bun.write(join(folder, "go"), "");
      await waitUntil("container to be removable", async () =>
        (await containerd().ctr(["container", "rm", id])).exitCode === 0 ? true : undefined,
      );
      await assertNothingLeft(containerd(), before);
    });
  },
);

function statusOf(error: unknown): number {
  if (error instanceof TtrpcError) return error.code;
  throw error;
}
