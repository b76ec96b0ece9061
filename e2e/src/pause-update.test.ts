// SPDX-License-Identifier: Apache-2.0
// Pause, Resume and Update: as under runc's shim, for native containers and Wasm ones.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { StatusCode } from "@runwasi/ttrpc";
import { listCgroups } from "./harness/cgroups.ts";
import { startDetached } from "./harness/detached.ts";
import { subscribe } from "./harness/events.ts";
import { execIn } from "./harness/exec.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { busyboxRootfs } from "./harness/rootfs.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { connectTo, refusal, TASK } from "./harness/task-client.ts";
import { findTask, waitForStatus } from "./harness/tasks.ts";
import { moduleFiles } from "./harness/wasm-images.ts";
import { waitUntil } from "./harness/wait-until.ts";

const image = imageName("mixed");
const m = TASK.methods;

async function mixedImage(): Promise<TestImage> {
  return {
    name: "mixed",
    process: { entrypoint: ["/bin/sh"], env: ["PATH=/bin"] },
    layers: [await busyboxRootfs(), await moduleFiles(["sleep"])],
  };
}

const resources = (value: object | string) => ({
  typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources",
  value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
});

forEachShim(
  SHIMS,
  async () => [await mixedImage()],
  ({ runtime, containerd }) => {
    const cgroupOf = async (id: string, controller: string) => {
      const all = await listCgroups(containerd().namespace);
      return all.find((path) => path.includes(`/${controller}/`) && path.endsWith(`/${id}`));
    };
    const start = (args: readonly string[]) => startDetached(containerd(), { runtime, image, args });

    describe.each([
      ["a native container", ["sh", "-c", "sleep 1000 & wait"]],
      ["a Wasm container", ["/sleep.wasm"]],
    ])("%s", (_title, args) => {
      test("is paused and resumed, with the events of runc's shim", async () => {
        await using events = await subscribe(containerd());
        await using container = await start(args);
        expect((await containerd().ctr(["task", "pause", container.id])).exitCode).toBe(0);
        expect((await findTask(containerd(), container.id))?.status).toBe("PAUSED");
        const freezer = await cgroupOf(container.id, "freezer");
        // crun asks the kernel and does not wait: threads that are in a call stop a moment later.
        await waitUntil("the cgroup to be frozen", async () =>
          (await readFile(`${freezer}/freezer.state`, "utf8")) === "FROZEN\n" ? true : undefined,
        );
        using client = await connectTo(containerd(), container.id);
        const pause = await refusal(client.call(TASK, m.pause, { id: container.id }));
        const deletion = await refusal(client.call(TASK, m.delete, { id: container.id, execId: "" }));
        expect([pause.code, deletion.code]).toEqual([
          StatusCode.FailedPrecondition,
          StatusCode.FailedPrecondition,
        ]);
        const exec = await execIn(containerd(), container, { args: ["true"] });
        expect(exec.stderr).toContain("paused");
        expect((await containerd().ctr(["task", "resume", container.id])).exitCode).toBe(0);
        await waitForStatus(containerd(), container.id, "RUNNING");
        expect(await readFile(`${freezer}/freezer.state`, "utf8")).toBe("THAWED\n");
        await events.next("/tasks/resumed", container.id);
        const topics = events.of(container.id).map(({ topic }) => topic);
        expect(topics.slice(-2)).toEqual(["/tasks/paused", "/tasks/resumed"]);
      });

      test("is killed while it is paused", async () => {
        await using container = await start(args);
        await containerd().ctr(["task", "pause", container.id]);
        await container.kill("--signal", "SIGKILL");
        expect(await container.deleted()).toBe(137);
      });

      test("gets new limits, and a limit below its use is refused with the kernel's error", async () => {
        await using container = await start(args);
        using client = await connectTo(containerd(), container.id);
        const update = (value: object | string) =>
          client.call(TASK, m.update, { id: container.id, resources: resources(value), annotations: {} });
        await update({ memory: { limit: 268_435_456 }, cpu: { shares: 77 }, pids: { limit: 55 } });
        const read = async (controller: string, file: string) =>
          readFile(`${await cgroupOf(container.id, controller)}/${file}`, "utf8");
        expect(await read("memory", "memory.limit_in_bytes")).toBe("268435456\n");
        expect(await read("cpu", "cpu.shares")).toBe("77\n");
        expect(await read("pids", "pids.max")).toBe("55\n");
        const { message } = await refusal(update({ memory: { limit: 4096 } }));
        expect(message).toMatch(/memory.limit_in_bytes.*busy|unable to set memory limit/i);
        for (const nonsense of ["", "{", "[]", `"x"`]) {
          expect((await refusal(update(nonsense))).code).toBe(StatusCode.InvalidArgument);
        }
        expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      });
    });
  },
);
