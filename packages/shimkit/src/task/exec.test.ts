// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { TaskExecStarted, TaskExit } from "@runwasi/containerd-api/gen/events/task.ts";
import { ProcessDetails } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { bundleAt } from "../bundle.ts";
import type { ExitStatus } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import { FakeInstance } from "../testing/fake-instance.ts";
import { makeFifo } from "../testing/fifo.ts";
import { openFds } from "../testing/open-fds.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { createRecordingPublisher } from "../testing/recording-publisher.ts";
import { rejection } from "../testing/rejection.ts";
import { listProcesses } from "./list-processes.ts";
import { Task } from "./task.ts";

const SPEC = { typeUrl: "any", value: Buffer.from(`{"args":["sh"],"cwd":"/"}`) };
const NO_IO = { terminal: false, stdin: "", stdout: "", stderr: "" };
const request = (execId: string) => ({ id: "one", execId, ...NO_IO, spec: SPEC });

/** A running task whose execs get the pids 100, 101 and so on, and end when a test says. */
async function runningTask() {
  const folder = createTemporaryFolder();
  const publisher = createRecordingPublisher();
  const instance = new FakeInstance();
  const ends = new Map<number, (status: number) => void>();
  const signals: string[] = [];
  instance.exec = async () => {
    const pid = 100 + ends.size;
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    ends.set(pid, (status) => resolve({ pid, status, exitedAtMs: 5_000 }));
    return {
      pid,
      exited: promise,
      kill(signal) {
        signals.push(`${pid} ${signal}`);
        if (signal === 9) ends.get(pid)?.(137);
      },
    };
  };
  const task = new Task({
    id: "one",
    namespace: "default",
    bundle: bundleAt(folder.path),
    instance,
    spawn: Bun.spawn,
    stateDir: "/nonexistent",
    stdio: {
      child: ["ignore", "ignore", "ignore"],
      handedOver: () => {},
      closeStdin: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    stdioRequest: NO_IO,
    log: createRecordingLog(),
    publisher,
    resources: { [Symbol.asyncDispose]: () => Promise.resolve() },
  });
  await task.start();
  const add = async (execId: string) => {
    await task.addExec(request(execId));
    const exec = task.execs.get(execId);
    if (exec === undefined) throw new Error("it is not there");
    return exec;
  };
  const end = (pid: number, status: number) => ends.get(pid)?.(status);
  return {
    folder,
    task,
    instance,
    publisher,
    signals,
    add,
    end,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("an exec is added, started, exits and is deleted, and its id is free again", async () => {
  using made = await runningTask();
  const { task, publisher, add, end } = made;
  const exec = await add("e");
  expect([exec.state.kind, exec.pid]).toEqual(["created", 0]);
  await exec.start();
  expect([exec.state.kind, exec.pid]).toEqual(["running", 100]);
  end(100, 3);
  expect(await exec.stopped).toMatchObject({ pid: 100, status: 3 });
  expect((await exec.delete()).status).toBe(3);
  expect(task.execs.size).toBe(0);
  const topics = ["/tasks/start", "/tasks/exec-added", "/tasks/exec-started", "/tasks/exit"];
  expect(publisher.topics).toEqual(topics);
  const [, , started, exited] = publisher.events.map(({ event }) => event.value);
  expect(TaskExecStarted.decode(started ?? new Uint8Array(0))).toEqual({
    containerId: "one",
    execId: "e",
    pid: 100,
  });
  expect(TaskExit.decode(exited ?? new Uint8Array(0))).toMatchObject({
    containerId: "one",
    id: "e",
    pid: 100,
    exitStatus: 3,
    exitedAt: { seconds: 5n, nanos: 0 },
  });
  await add("e");
});

test("an exec id is taken until its exec is deleted", async () => {
  using made = await runningTask();
  const exec = await made.add("e");
  expect((await rejection(() => made.add("e"))).code).toBe("AlreadyExists");
  const both = await Promise.allSettled([made.add("f"), made.add("f")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await exec.delete()).toEqual({ pid: 0, status: 0, exitedAtMs: 0 });
  await made.add("e");
});

test.each([
  ["no spec", { spec: undefined }],
  ["no JSON", { spec: { typeUrl: "", value: Buffer.from("{") } }],
  ["no arguments", { spec: { typeUrl: "", value: Buffer.from(`{"cwd":"/"}`) } }],
  ["no exec id", { execId: "" }],
])("a request with %s is InvalidArgument", async (_title, difference) => {
  using made = await runningTask();
  const wrong = { ...request("e"), ...difference };
  expect((await rejection(() => made.task.addExec(wrong))).code).toBe("InvalidArgument");
  expect(made.task.execs.size).toBe(0);
});

test("an instance without execs answers Unimplemented", async () => {
  using made = await runningTask();
  delete made.instance.exec;
  expect((await rejection(() => made.add("e"))).code).toBe("Unimplemented");
});

test("kill() of an exec is FailedPrecondition before its start and NotFound after its end", async () => {
  using made = await runningTask();
  const exec = await made.add("e");
  expect((await rejection(() => exec.kill(15))).code).toBe("FailedPrecondition");
  await exec.start();
  await exec.kill(15);
  expect((await rejection(() => exec.delete())).code).toBe("FailedPrecondition");
  expect((await rejection(() => exec.start())).code).toBe("FailedPrecondition");
  made.end(100, 143);
  await exec.stopped;
  expect((await rejection(() => exec.kill(15))).code).toBe("NotFound");
  expect(made.signals).toEqual(["100 15"]);
});

test("a start that fails ends the exec without an event and gives back its stdio", async () => {
  using made = await runningTask();
  const before = openFds();
  const stdout = makeFifo(made.folder.path, "out");
  await made.task.addExec({ ...request("e"), stdout });
  made.instance.exec = () => Promise.reject(new ShimError("Unknown", "no such program"));
  const exec = made.task.execs.get("e");
  expect((await rejection(() => exec?.start())).message).toBe("no such program");
  expect((await exec?.stopped)?.status).toBe(255);
  expect(exec?.state.kind).toBe("created");
  expect(openFds()).toEqual(before);
  expect((await rejection(() => exec?.start())).code).toBe("FailedPrecondition");
  expect(made.publisher.topics).toEqual(["/tasks/start", "/tasks/exec-added"]);
  expect((await exec?.delete())?.status).toBe(255);
  expect(made.task.execs.size).toBe(0);
});

test("init's exit ends the execs that run, and is told after theirs", async () => {
  using made = await runningTask();
  const { task, instance, signals } = made;
  const [first, second, third] = [await made.add("a"), await made.add("b"), await made.add("c")];
  await first.start();
  const release = Promise.withResolvers<void>();
  const run = instance.exec?.bind(instance);
  instance.exec = async (asked) => {
    await release.promise;
    const started = await run?.(asked);
    if (started === undefined) throw new Error("no exec");
    return started;
  };
  const starting = second.start();
  instance.end(0);
  await instance.exited;
  const late = await made.add("late"); // the task is said to run until its exit is told
  expect((await rejection(() => late.start())).code).toBe("FailedPrecondition");
  release.resolve();
  await starting;
  await task.stopped;
  expect(signals).toEqual(["100 9", "101 9"]);
  const exits = made.publisher.events.filter(({ topic }) => topic === "/tasks/exit");
  expect(exits.map(({ event }) => TaskExit.decode(event.value).id)).toEqual(["a", "b", "one"]);
  expect((await rejection(() => third.start())).code).toBe("FailedPrecondition");
  expect((await rejection(() => made.add("d"))).code).toBe("FailedPrecondition");
  const waiting = third.stopped;
  await task.delete();
  expect((await waiting).pid).toBe(0);
  expect(task.execs.size).toBe(0);
});

test("nothing starts in a paused task, whose execs are paused with it", async () => {
  using made = await runningTask();
  const { task, instance } = made;
  instance.pause = async () => {};
  instance.resume = async () => {};
  const [running, added] = [await made.add("a"), await made.add("b")];
  await running.start();
  await task.pause();
  expect(running.state.kind).toBe("paused");
  expect((await rejection(() => added.start())).code).toBe("FailedPrecondition");
  expect((await rejection(() => made.add("c"))).code).toBe("FailedPrecondition");
  await task.resume();
  await added.start();
  expect([running.state.kind, added.state.kind]).toEqual(["running", "running"]);
});

test("the processes of execs are listed with their exec ids", async () => {
  using made = await runningTask();
  const exec = await made.add("e");
  await made.add("not started");
  await exec.start();
  Object.assign(made.instance, { pids: () => [4242, 100, 7] });
  const [init, executed, other] = listProcesses(made.task);
  expect([init, other]).toEqual([
    { pid: 4242, info: undefined },
    { pid: 7, info: undefined },
  ]);
  expect(executed?.info?.typeUrl).toBe("containerd.runc.v1.ProcessDetails");
  expect(ProcessDetails.decode(executed?.info?.value ?? new Uint8Array(0))).toEqual({ execId: "e" });
});
