// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { TaskDelete, TaskExit, TaskStart } from "@runwasi/containerd-api/gen/events/task.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { bundleAt, readExitResponse } from "../bundle.ts";
import { encodeDeleteResponse } from "../command/delete-response.ts";
import { ShimError } from "../error.ts";
import { FakeInstance } from "../testing/fake-instance.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { createRecordingPublisher } from "../testing/recording-publisher.ts";
import { rejection } from "../testing/rejection.ts";
import { Task } from "./task.ts";

/** A created task on a fake instance. `order` holds its events and whatever else a test notes. */
function createdTask() {
  const folder = createTemporaryFolder();
  const order: string[] = [];
  const instance = new FakeInstance();
  const publisher = createRecordingPublisher(order);
  const bundle = bundleAt(folder.path);
  const log = createRecordingLog();
  const looks = new Set<() => void>();
  const task = new Task({
    id: "one",
    oomWatch: {
      add(look) {
        looks.add(look);
        return { [Symbol.dispose]: () => void looks.delete(look) };
      },
    },
    bundle,
    namespace: "default",
    spawn: Bun.spawn,
    stateDir: "/nonexistent",
    instance,
    publisher,
    log,
    stdio: {
      child: ["ignore", "ignore", "ignore"],
      handedOver: () => {},
      closeStdin: () => void order.push("stdin closed"),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    stdioRequest: { stdin: "", stdout: "", stderr: "", terminal: false },
    resources: { [Symbol.asyncDispose]: async () => void order.push("disposed") },
  });
  return {
    task,
    instance,
    order,
    publisher,
    bundle,
    log,
    looks,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("a process that the kernel ended for want of memory is told before the exit", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  await task.start();
  instance.oomKilled = 1n;
  instance.end(137);
  await task.stopped;
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/oom", "/tasks/exit"]);
});

test("with a limit of memory a kill is told when it is seen, and once", async () => {
  using made = createdTask();
  const { task, instance, publisher, looks } = made;
  await task.start();
  expect(looks.size).toBe(0);
  instance.limitsMemory = true;
  instance.update = async () => {};
  await task.update({ typeUrl: "", value: new TextEncoder().encode("{}") });
  expect(looks.size).toBe(1);
  const look = () => looks.forEach((each) => each());
  look();
  instance.oomKilled = 2n;
  look();
  look();
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/oom"]);
  instance.oomKilled = 3n;
  instance.end(137);
  await task.stopped;
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/oom", "/tasks/oom", "/tasks/exit"]);
  expect(looks.size).toBe(0);
});

test("a container that is created only is not looked at", async () => {
  using made = createdTask();
  const { task, instance, looks } = made;
  instance.limitsMemory = true;
  instance.update = async () => {};
  await task.update({ typeUrl: "", value: new TextEncoder().encode("{}") });
  expect(looks.size).toBe(0);
  await task.start();
  expect(looks.size).toBe(1);
  instance.end(0);
  await task.stopped;
});

test("start, exit and delete are published in this order, with their data", async () => {
  using made = createdTask();
  const { task, instance, publisher, bundle } = made;
  await task.start();
  expect(task.state.kind).toBe("running");
  const exit = instance.end(3);
  expect(await task.stopped).toEqual(exit);
  expect(task.exit).toEqual(exit);
  expect(readExitResponse(bundle)).toEqual(Buffer.from(encodeDeleteResponse(exit)));
  const record = join(bundle.path, "deleted");
  expect(existsSync(record)).toBe(false);
  expect(await task.delete()).toEqual(exit);
  const printed = Bun.spawnSync([
    "sh",
    "-c",
    'read -r pid answer <"$1" && printf "$pid %b" "$answer"',
    "sh",
    record,
  ]);
  const said = Buffer.concat([Buffer.from(`${process.pid} `), encodeDeleteResponse(exit)]);
  expect(printed.stdout).toEqual(said);
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/exit", "/tasks/delete"]);
  const [started, exited, deleted] = publisher.events.map(({ event }) => event.value);
  expect(TaskStart.decode(started ?? new Uint8Array(0))).toEqual({ containerId: "one", pid: 4242 });
  const exitedAt = { seconds: 1_764_000_000n, nanos: 0 };
  expect(TaskExit.decode(exited ?? new Uint8Array(0))).toMatchObject({
    containerId: "one",
    id: "one",
    pid: 4242,
    exitStatus: 3,
    exitedAt,
  });
  expect(TaskDelete.decode(deleted ?? new Uint8Array(0))).toMatchObject({
    containerId: "one",
    exitStatus: 3,
    exitedAt,
  });
});

test("an exit that comes during start is published after the start", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  const release = Promise.withResolvers<void>();
  instance.onStart = () => release.promise;
  const starting = task.start();
  instance.end(0);
  await instance.exited;
  await Promise.resolve();
  expect(task.state.kind).toBe("starting");
  release.resolve();
  await starting;
  await task.stopped;
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/exit"]);
  expect(task.state.kind).toBe("stopped");
});

test("a wait is answered after the exit is published", async () => {
  using made = createdTask();
  const { task, instance, order } = made;
  await task.start();
  const waiting = task.stopped.then(() => order.push("answered"));
  instance.end(0);
  await waiting;
  expect(order).toEqual(["/tasks/start", "/tasks/exit", "answered"]);
});

test("the rootfs and the stdio are given back before the deletion is published", async () => {
  using made = createdTask();
  const { task, instance, order } = made;
  await task.start();
  instance.end(0);
  await task.stopped;
  await task.delete();
  expect(order.slice(2)).toEqual(["disposed", "/tasks/delete"]);
});

test("a task that never starts has no start event", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  instance.end(1);
  await task.stopped;
  expect((await rejection(() => task.start())).code).toBe("FailedPrecondition");
  await task.delete();
  expect(publisher.topics).toEqual(["/tasks/exit", "/tasks/delete"]);
});

test("start() twice answers FailedPrecondition, also while the first runs", async () => {
  using made = createdTask();
  const { task, instance } = made;
  const release = Promise.withResolvers<void>();
  instance.onStart = () => release.promise;
  const first = task.start();
  expect((await rejection(() => task.start())).code).toBe("FailedPrecondition");
  release.resolve();
  await first;
  expect((await rejection(() => task.start())).code).toBe("FailedPrecondition");
  expect(instance.calls).toEqual(["start"]);
});

test("a start that fails leaves the task created: a log line, no event, and Delete may remove it", async () => {
  using made = createdTask();
  const { task, instance, publisher, log } = made;
  instance.onStart = () => Promise.reject(new ShimError("Unknown", "crun start: no"));
  expect((await rejection(() => task.start())).code).toBe("Unknown");
  expect(log.lines).toEqual(["error: crun start: no"]);
  expect(task.state.kind).toBe("created");
  instance.onKill = async () => void instance.end(137);
  expect((await task.delete()).status).toBe(137);
  expect(publisher.topics).toEqual(["/tasks/exit", "/tasks/delete"]);
});

test("an exit during a start that fails is published without a start", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  instance.onStart = async () => {
    instance.end(126);
    await instance.exited;
    throw new ShimError("FailedPrecondition", "it is no program");
  };
  expect((await rejection(() => task.start())).code).toBe("FailedPrecondition");
  expect((await task.stopped).status).toBe(126);
  expect(publisher.topics).toEqual(["/tasks/exit"]);
  expect(task.state.kind).toBe("stopped");
});

test("delete() of a task that starts or runs answers FailedPrecondition", async () => {
  using made = createdTask();
  const { task, instance } = made;
  const release = Promise.withResolvers<void>();
  instance.onStart = () => release.promise;
  const starting = task.start();
  expect((await rejection(() => task.delete())).code).toBe("FailedPrecondition");
  release.resolve();
  await starting;
  expect((await rejection(() => task.delete())).code).toBe("FailedPrecondition");
  expect(instance.calls).toEqual(["start"]);
});

test("delete() of a created task kills it first and waits for its exit", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  instance.onKill = async (signal) => void instance.end(128 + signal);
  expect((await task.delete()).status).toBe(137);
  expect(instance.calls).toEqual(["kill 9", "delete"]);
  expect(publisher.topics).toEqual(["/tasks/exit", "/tasks/delete"]);
});

test("delete() of a created task that ends by itself at that moment is no error", async () => {
  using made = createdTask();
  const { task, instance } = made;
  instance.end(0); // the task has not heard of it yet
  expect(task.state.kind).toBe("created");
  expect((await task.delete()).status).toBe(0);
});

test("two deletes at once delete once and answer both with the exit", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  await task.start();
  const exit = instance.end(0);
  await task.stopped;
  const release = Promise.withResolvers<void>();
  instance.onDelete = () => release.promise;
  const both = Promise.all([task.delete(), task.delete()]);
  release.resolve();
  expect(await both).toEqual([exit, exit]);
  expect(instance.calls).toEqual(["start", "delete"]);
  expect(publisher.topics.filter((topic) => topic === "/tasks/delete")).toHaveLength(1);
});

test("two deletes of a created task at once delete once", async () => {
  using made = createdTask();
  const { task, instance } = made;
  instance.onKill = async () => void instance.end(137);
  await Promise.all([task.delete(), task.delete()]);
  expect(instance.calls.filter((call) => call === "delete")).toHaveLength(1);
});

test("delete() of a deleted task answers NotFound", async () => {
  using made = createdTask();
  const { task, instance } = made;
  instance.end(0);
  await task.stopped;
  await task.delete();
  expect((await rejection(() => task.delete())).code).toBe("NotFound");
});

test("a delete that fails fails for both that wait for it, keeps the task, and can be tried again", async () => {
  using made = createdTask();
  const { task, instance, order } = made;
  const exit = instance.end(0);
  await task.stopped;
  instance.onDelete = () => Promise.reject(new ShimError("Unknown", "cgroup is busy"));
  const outcomes = await Promise.allSettled([task.delete(), task.delete()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(task.state.kind).toBe("stopped");
  expect(order).not.toContain("/tasks/delete");
  instance.onDelete = () => Promise.resolve();
  expect(await task.delete()).toEqual(exit);
  expect(order.slice(-2)).toEqual(["disposed", "/tasks/delete"]);
});

test("kill() reaches the instance while it lives and answers NotFound after", async () => {
  using made = createdTask();
  const { task, instance } = made;
  await task.kill(15, false);
  await task.start();
  await task.kill(9, true);
  instance.end(137);
  await task.stopped;
  expect((await rejection(() => task.kill(9, false))).code).toBe("NotFound");
  await task.delete();
  expect((await rejection(() => task.kill(9, false))).code).toBe("NotFound");
  expect(instance.calls).toEqual(["kill 15", "start", "kill 9 all", "delete"]);
});

test("an exit is published although it cannot be recorded", async () => {
  using made = createdTask();
  const { task, instance, publisher, bundle, log } = made;
  rmSync(bundle.path, { recursive: true });
  await Bun.write(`${bundle.path}`, "a file where the bundle was");
  instance.end(5);
  expect((await task.stopped).status).toBe(5);
  expect(publisher.topics).toEqual(["/tasks/exit"]);
  expect(log.lines.some((line) => line.startsWith("error: cannot record"))).toBe(true);
});

test("closeStdin() is fine in every state", async () => {
  using made = createdTask();
  const { task, instance, order } = made;
  task.closeStdin();
  instance.end(0);
  await task.stopped;
  await task.delete();
  task.closeStdin();
  expect(order.filter((entry) => entry === "stdin closed")).toHaveLength(2);
});

test("pause and resume publish what they did, and fit only what runs and what is paused", async () => {
  using made = createdTask();
  const { task, instance, publisher } = made;
  expect((await rejection(() => task.pause())).code).toBe("Unimplemented");
  const calls: string[] = [];
  instance.pause = async () => void calls.push("pause");
  instance.resume = async () => void calls.push("resume");
  expect((await rejection(() => task.pause())).code).toBe("FailedPrecondition");
  await task.start();
  expect((await rejection(() => task.resume())).code).toBe("FailedPrecondition");
  await task.pause();
  expect(task.state.kind).toBe("paused");
  for (const call of [() => task.pause(), () => task.delete(), () => task.start()]) {
    expect((await rejection(call)).code).toBe("FailedPrecondition");
  }
  await task.resume();
  expect(task.state.kind).toBe("running");
  expect(calls).toEqual(["pause", "resume"]);
  expect(publisher.topics).toEqual(["/tasks/start", "/tasks/paused", "/tasks/resumed"]);
});

test("a SIGKILL to a paused task lets it go on, so that it ends", async () => {
  using made = createdTask();
  const { task, instance } = made;
  const calls: string[] = [];
  instance.pause = async () => {};
  instance.resume = async () => void calls.push("resume");
  await task.start();
  await task.pause();
  await task.kill(15, false);
  expect(calls).toEqual([]);
  await task.kill(9, false);
  expect(calls).toEqual(["resume"]);
  instance.end(137);
  expect((await task.stopped).status).toBe(137);
});

test("update passes the resources on as they came, and refuses what is no JSON object", async () => {
  using made = createdTask();
  const { task, instance } = made;
  const any = (text: string) => ({ typeUrl: "resources", value: Buffer.from(text) });
  expect((await rejection(() => task.update(any("{}")))).code).toBe("Unimplemented");
  const updates: string[] = [];
  instance.update = async (resources) => void updates.push(resources);
  const exact = '{"memory":{"limit":9223372036854771712}}';
  await task.update(any(exact));
  expect(updates).toEqual([exact]);
  for (const wrong of [undefined, any(""), any("[]"), any("{")]) {
    expect((await rejection(() => task.update(wrong))).code).toBe("InvalidArgument");
  }
  instance.end(0);
  await task.stopped;
  expect((await rejection(() => task.update(any("{}")))).code).toBe("FailedPrecondition");
  expect((await rejection(() => task.pause())).code).not.toBe("Unknown");
  expect((await rejection(async () => task.resize({ width: 1, height: 1 }))).code).toBe("FailedPrecondition");
});
