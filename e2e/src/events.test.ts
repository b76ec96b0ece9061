// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { subscribe } from "./harness/events.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { runContainer } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { connectTo, TASK } from "./harness/task-client.ts";
import { findTask } from "./harness/tasks.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("busybox");
const MEMORY_LIMIT = ["--memory-limit", String(192 << 20)];
/** Programs that outgrow the limit. */
const HUNGRY = [
  { what: "native container", image, args: ["sh", "-c", "x=0123456789abcdef; while :; do x=$x$x; done"] },
  { what: "Wasm guest", image: imageName("wasm"), args: ["/grow.wasm", "512"] },
];

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage(), await wasmImage("wasm", ["grow"])],
  ({ runtime, containerd }) => {
    test("create, start, exit and delete come in order with pid, status and time", async () => {
      await using events = await subscribe(containerd());
      const startedAtMs = Date.now();
      await using container = await startDetached(containerd(), {
        runtime,
        image,
        args: ["sh", "-c", "sleep 0.2; exit 9"],
      });
      expect(await container.deleted()).toBe(9);
      await events.next("/tasks/delete", container.id);

      const { pid, id } = container;
      const tasks = events.of(id).filter(({ topic }) => topic.startsWith("/tasks/"));
      expect(tasks.map(({ topic }) => topic)).toEqual([
        "/tasks/create",
        "/tasks/start",
        "/tasks/exit",
        "/tasks/delete",
      ]);
      expect(tasks.map(({ payload }) => payload["pid"])).toEqual([pid, pid, pid, pid]);
      const [create, start, exit, deleted] = tasks.map(({ payload }) => payload);
      expect(create).toMatchObject({ container_id: id, io: expect.any(Object), rootfs: expect.any(Array) });
      expect(String(create?.["bundle"])).toEndWith(`/${id}`);
      expect(start).toMatchObject({ container_id: id });
      expect(exit).toMatchObject({ container_id: id, id, exit_status: 9 });
      expect(deleted).toMatchObject({ container_id: id, exit_status: 9 });
      expect(timeOf(deleted)).toBe(timeOf(exit));
      expect(timeOf(exit)).toBeGreaterThanOrEqual(startedAtMs + 200);
      expect(timeOf(exit)).toBeLessThanOrEqual(Date.now());
      const times = tasks.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });

    test("come in order for a container that ends at once", async () => {
      await using events = await subscribe(containerd());
      const id = containerd().nextId();
      await runContainer(containerd(), { runtime, image, id, args: ["true"] });
      await events.next("/tasks/delete", id);
      const topics = events.of(id).map(({ topic }) => topic);
      expect(topics.filter((topic) => topic.startsWith("/tasks/"))).toEqual([
        "/tasks/create",
        "/tasks/start",
        "/tasks/exit",
        "/tasks/delete",
      ]);
    });

    // runc knows no Wasm.
    const hungry = HUNGRY.filter((program) => runtime !== "runc" || program.image === image);
    test.each(hungry)(
      "tell that the kernel ended a $what for want of memory",
      async ({ image: from, args }) => {
        await using events = await subscribe(containerd());
        await using container = await startDetached(containerd(), {
          runtime,
          image: from,
          args,
          flags: MEMORY_LIMIT,
        });
        expect(await container.deleted()).toBe(137);
        await events.next("/tasks/delete", container.id);
        const topics = events.of(container.id).map(({ topic }) => topic);
        expect(topics.filter((topic) => topic.startsWith("/tasks/"))).toEqual([
          "/tasks/create",
          "/tasks/start",
          "/tasks/oom",
          "/tasks/exit",
          "/tasks/delete",
        ]);
      },
    );

    test("tell that the kernel ended a process beside init, while init goes on, and once", async () => {
      const flags = MEMORY_LIMIT;
      const script = "(x=0123456789abcdef; while :; do x=$x$x; done); echo ended at $(date +%s); sleep 1000";
      await using events = await subscribe(containerd());
      await using container = await startDetached(containerd(), {
        runtime,
        image,
        args: ["sh", "-c", script],
        flags,
      });
      await container.printed("ended at");
      await events.next("/tasks/oom", container.id);
      expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      await container.kill("--signal", "SIGKILL");
      expect(await container.deleted()).toBe(137);
      await events.next("/tasks/delete", container.id);
      const topics = events.of(container.id).map(({ topic }) => topic);
      expect(topics.filter((topic) => topic === "/tasks/oom").length).toBe(1);
    });

    if (runtime !== "runc") {
      test("tell of it too when the limit came by an update", async () => {
        const script = "sleep 1.5; (x=0123456789abcdef; while :; do x=$x$x; done); sleep 1000";
        await using events = await subscribe(containerd());
        await using container = await startDetached(containerd(), {
          runtime,
          image,
          args: ["sh", "-c", script],
        });
        using client = await connectTo(containerd(), container.id);
        const value = Buffer.from(JSON.stringify({ memory: { limit: 64 << 20 } }));
        const resources = {
          typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources",
          value,
        };
        await client.call(TASK, TASK.methods.update, { id: container.id, resources, annotations: {} });
        await events.next("/tasks/oom", container.id);
        expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      });
    }
  },
);

/** containerd 1.6 prints a time as text, 2.x as seconds and nanoseconds. */
function timeOf(payload: Readonly<Record<string, unknown>> | undefined): number {
  const at = payload?.["exited_at"];
  if (typeof at === "string") return Date.parse(at);
  if (typeof at !== "object" || at === null || !("seconds" in at))
    throw new Error(`no time in ${JSON.stringify(payload)}`);
  const nanos = "nanos" in at ? Number(at.nanos) : 0;
  return Number(at.seconds) * 1000 + Math.floor(nanos / 1e6);
}
