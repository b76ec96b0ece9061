// SPDX-License-Identifier: Apache-2.0
import { expect, spyOn, test } from "bun:test";
import { bundleAt } from "../bundle.ts";
import { FakeInstance } from "../testing/fake-instance.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { createRecordingPublisher } from "../testing/recording-publisher.ts";
import { rejection } from "../testing/rejection.ts";
import { TaskTable } from "./task-table.ts";
import { Task } from "./task.ts";

function fakeTask(id: string): Task {
  return new Task({
    id,
    bundle: bundleAt("/nonexistent"),
    instance: new FakeInstance(),
    namespace: "default",
    spawn: Bun.spawn,
    stateDir: "/nonexistent",
    publisher: createRecordingPublisher(),
    log: createRecordingLog(),
    stdio: {
      child: ["ignore", "ignore", "ignore"],
      handedOver: () => {},
      closeStdin: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    stdioRequest: { stdin: "", stdout: "", stderr: "", terminal: false },
    resources: { [Symbol.asyncDispose]: () => Promise.resolve() },
  });
}

test("an id is taken as soon as its creation begins, and free again when that fails", async () => {
  const tasks = new TaskTable();
  const creation = Promise.withResolvers<Task>();
  const first = tasks.add("one", () => creation.promise);
  expect((await rejection(() => tasks.add("one", async () => fakeTask("one")))).code).toBe("AlreadyExists");
  expect(tasks.find("one")).toBeUndefined();
  expect((await rejection(() => tasks.get("one"))).code).toBe("NotFound");
  expect(tasks.isIdle).toBe(false);
  creation.reject(new Error("no"));
  expect(await first.catch(() => "failed")).toBe("failed");
  expect(tasks.isIdle).toBe(true);
  const task = fakeTask("one");
  await tasks.add("one", async () => task);
  expect(tasks.get("one")).toBe(task);
  expect((await rejection(() => tasks.add("one", async () => task))).code).toBe("AlreadyExists");
});

test("settled() waits for a creation, however it ends, and for nothing else", async () => {
  const tasks = new TaskTable();
  await tasks.settled("one");
  const [good, bad] = [Promise.withResolvers<Task>(), Promise.withResolvers<Task>()];
  const created = [tasks.add("good", () => good.promise), tasks.add("bad", () => bad.promise)];
  const order: string[] = [];
  const waits = ["good", "bad"].map((id) => tasks.settled(id).then(() => order.push(id)));
  await tasks.settled("one");
  expect(order).toEqual([]);
  bad.reject(new Error("no"));
  good.resolve(fakeTask("good"));
  await Promise.allSettled([...created, ...waits]);
  expect(order.toSorted()).toEqual(["bad", "good"]);
  expect([tasks.find("good")?.id, tasks.find("bad")]).toEqual(["good", undefined]);
  await tasks.settled("good");
});

test("unknown ids, exec ids and names of Object's members answer NotFound", async () => {
  const tasks = new TaskTable();
  await tasks.add("one", async () => fakeTask("one"));
  expect((await rejection(() => tasks.get("two"))).code).toBe("NotFound");
  expect((await rejection(() => tasks.get("__proto__"))).code).toBe("NotFound");
  expect((await rejection(() => tasks.process("one", "exec"))).code).toBe("NotFound");
  expect((await rejection(() => tasks.process("two", ""))).code).toBe("NotFound");
  expect(tasks.process("one", "").id).toBe("one");
});

test("remove() leaves a task of the same id that came later", async () => {
  const tasks = new TaskTable();
  const [old, young] = [fakeTask("one"), fakeTask("one")];
  await tasks.add("one", async () => old);
  tasks.remove(old);
  await tasks.add("one", async () => young);
  tasks.remove(old);
  expect(tasks.get("one")).toBe(young);
  expect(tasks.isIdle).toBe(false);
  tasks.remove(young);
  expect(tasks.isIdle).toBe(true);
});

test("an announced task keeps the daemon until it is created, forgotten or a minute has passed", async () => {
  const tasks = new TaskTable();
  const clock = spyOn(performance, "now");
  try {
    clock.mockReturnValue(1_000);
    tasks.expect("one");
    expect(tasks.isIdle).toBe(false);
    clock.mockReturnValue(60_999);
    expect(tasks.isIdle).toBe(false);
    clock.mockReturnValue(61_001);
    expect(tasks.isIdle).toBe(true);
    tasks.expect("two");
    expect(tasks.isIdle).toBe(false);
    tasks.forget("two");
    expect(tasks.isIdle).toBe(true);
    tasks.expect("three");
    const task = await tasks.add("three", async () => fakeTask("three"));
    tasks.remove(task);
    expect(tasks.isIdle).toBe(true);
  } finally {
    clock.mockRestore();
  }
});
