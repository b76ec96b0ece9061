// SPDX-License-Identifier: Apache-2.0
// Debian's crun with its CRIU, where the kernel has cgroup v2: what containerd's client asks for, and what it makes of it.
import { expect, test } from "bun:test";
import { StatusCode } from "@runwasi/ttrpc";
import { runArguments } from "../../src/harness/run.ts";
import { connectTo, refusal, TASK } from "../../src/harness/task-client.ts";
import { findTask, waitForStatus } from "../../src/harness/tasks.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { machine } from "./machine.ts";
import { IMAGE, startSubject, SUBJECTS } from "./subjects.ts";
import { readStats } from "./task-calls.ts";

const REFERENCE = "runwasi.test/checkpoint:latest";
/** Counts in memory, and tells a file how far. */
const COUNT = "i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.2; done";

async function must(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.ctr(args);
  if (exitCode !== 0) throw new Error(`ctr ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
  return stdout;
}

async function count(id: string): Promise<number> {
  return Number(await must("task", "exec", "--exec-id", `e${performance.now()}`, id, "cat", "/tmp/count"));
}

async function remove(id: string): Promise<void> {
  await machine.ctr(["task", "kill", "--signal", "SIGKILL", id]);
  await waitForStatus(machine, id, "STOPPED");
  await machine.ctr(["task", "delete", id]);
  await machine.ctr(["container", "rm", id]);
}

test("a native container goes on in another from where it was checkpointed", async () => {
  await using stack = new AsyncDisposableStack();
  const [id, other] = [machine.nextId(), machine.nextId()];
  // Its output in no file: CRIU restores a file only as long as it was.
  const run = {
    runtime: "jsc",
    image: IMAGE,
    id,
    flags: ["--detach", "--null-io"],
    args: ["sh", "-c", COUNT],
  } as const;
  await must(...runArguments(machine, run));
  stack.defer(() => remove(id));
  const counted = await waitUntil("some numbers", () => count(id).then((now) => (now > 2 ? now : undefined)));
  await must("container", "checkpoint", "--rw", "--task", id, REFERENCE);
  stack.defer(async () => void (await must("image", "rm", REFERENCE)));
  expect((await findTask(machine, id))?.status).toBe("RUNNING");
  await must("container", "restore", "--rw", "--live", other, REFERENCE);
  stack.defer(() => remove(other));
  expect(await count(other)).toBeGreaterThan(counted);
  using client = await connectTo(machine, other);
  expect((await readStats(client, other)).memory?.usage).toBeGreaterThan(0n);
});

test("a Wasm container is not checkpointed, which the error says", async () => {
  const subject = SUBJECTS.find(({ kind }) => kind === "Wasm");
  if (subject === undefined) throw new Error("no Wasm subject");
  await using container = await startSubject(subject);
  using client = await connectTo(machine, container.id);
  const request = { id: container.id, path: `${machine.folder}/refused`, options: undefined };
  const { code, message } = await refusal(client.call(TASK, TASK.methods.checkpoint, request));
  expect(code).toBe(StatusCode.Unimplemented);
  expect(message).toContain("Wasm");
  expect((await findTask(machine, container.id))?.status).toBe("RUNNING");
});
