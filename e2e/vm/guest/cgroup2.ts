// SPDX-License-Identifier: Apache-2.0
// What the kernel accounts and limits, where cgroup v2 is all there is.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { StatusCode } from "@runwasi/ttrpc";
import { subscribe } from "../../src/harness/events.ts";
import { execIn } from "../../src/harness/exec.ts";
import { runContainer } from "../../src/harness/run.ts";
import { connectTo, refusal, TASK } from "../../src/harness/task-client.ts";
import { findTask, waitForStatus } from "../../src/harness/tasks.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { cgroupOf, machine } from "./machine.ts";
import { IMAGE, startSubject, SUBJECTS } from "./subjects.ts";
import { readStats, updateResources } from "./task-calls.ts";

const MEMORY = 134_217_728;
const LIMITS = ["--memory-limit", String(MEMORY), "--cpus", "0.5"];
const m = TASK.methods;

describe.each([...SUBJECTS])("a $kind container", (subject) => {
  test("has its limits in its own cgroup, and its statistics are the kernel's", async () => {
    await using container = await startSubject(subject, { flags: LIMITS });
    const cgroup = await cgroupOf(container.pid);
    expect(cgroup).toBe(`/sys/fs/cgroup/${machine.namespace}/${container.id}`);
    const file = async (name: string) => (await readFile(join(cgroup, name), "utf8")).trim();
    expect(await file("memory.max")).toBe(String(MEMORY));
    expect(await file("cpu.max")).toBe("50000 100000");
    using client = await connectTo(machine, container.id);
    const stats = await readStats(client, container.id);
    expect(stats.pids?.current).toBe(BigInt(await file("pids.current")));
    expect(stats.memory?.usageLimit).toBe(BigInt(MEMORY));
    expect(stats.memory?.usage).toBeGreaterThan(50_000n);
    expect(stats.memory?.usage).toBeLessThanOrEqual(BigInt(MEMORY));
    expect(stats.cpu?.usageUsec).toBeGreaterThan(0n);
    expect(stats.cpu?.nrPeriods).toBeGreaterThan(0n);
    expect(stats.io).toBeDefined();
    const ctr = await machine.ctr(["task", "metrics", container.id]);
    expect(ctr.stdout).toMatch(new RegExp(`memory.usage_limit +${MEMORY}`));
  });

  test("is paused and resumed, and killed while it is paused", async () => {
    await using events = await subscribe(machine);
    await using container = await startSubject(subject);
    const frozen = async () => await readFile(join(await cgroupOf(container.pid), "cgroup.events"), "utf8");
    using client = await connectTo(machine, container.id);
    const { id } = container;
    await client.call(TASK, m.pause, { id });
    expect(await frozen()).toContain("frozen 1");
    expect((await findTask(machine, id))?.status).toBe("PAUSED");
    expect((await refusal(client.call(TASK, m.pause, { id }))).code).toBe(StatusCode.FailedPrecondition);
    await client.call(TASK, m.resume, { id });
    expect(await frozen()).toContain("frozen 0");
    await waitForStatus(machine, id, "RUNNING");
    await events.next("/tasks/resumed", id);
    await client.call(TASK, m.pause, { id });
    await container.kill("--signal", "SIGKILL");
    expect(await container.deleted()).toBe(137);
  });

  test("gets new limits, of the unified hierarchy's own too", async () => {
    await using container = await startSubject(subject, { flags: LIMITS });
    const cgroup = await cgroupOf(container.pid);
    const file = async (name: string) => (await readFile(join(cgroup, name), "utf8")).trim();
    using client = await connectTo(machine, container.id);
    await updateResources(client, container.id, {
      memory: { limit: 2 * MEMORY },
      cpu: { shares: 512, quota: 20_000, period: 50_000, cpus: "0" },
      pids: { limit: 77 },
      unified: { "memory.high": String(MEMORY) },
    });
    expect(await file("memory.max")).toBe(String(2 * MEMORY));
    expect(await file("memory.high")).toBe(String(MEMORY));
    expect(await file("cpu.max")).toBe("20000 50000");
    expect(await file("cpuset.cpus")).toBe("0");
    expect(await file("pids.max")).toBe("77");
    expect(Number(await file("cpu.weight"))).toBeLessThan(100);
    const { message } = await refusal(
      updateResources(client, container.id, { unified: { "memory.none": "1" } }),
    );
    expect(message).toContain("memory.none");
    expect((await findTask(machine, container.id))?.status).toBe("RUNNING");
  });

  test("lists its processes with the ids of its execs", async () => {
    await using container = await startSubject(subject);
    const exec = execIn(machine, container, { execId: "looker", args: ["sleep", "10000"] });
    using client = await connectTo(machine, container.id);
    const processes = await waitUntil("the exec to be listed", async () => {
      const answer = await client.call(TASK, m.pids, { id: container.id });
      return answer.processes.some(({ info }) => info !== undefined) ? answer.processes : undefined;
    });
    const listed = (await readFile(join(await cgroupOf(container.pid), "cgroup.procs"), "utf8")).trim();
    expect(processes.map(({ pid }) => String(pid)).sort()).toEqual(listed.split("\n").sort());
    expect(processes.map(({ pid }) => pid)).toContain(container.pid);
    await client.call(TASK, m.kill, { id: container.id, execId: "looker", signal: 9, all: false });
    expect((await exec).exitCode).toBe(137);
  });
});

test("a limit of processes is in force", async () => {
  const args = ["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 20 & done; echo all"];
  await using container = await startSubject({ args: SUBJECTS[0]?.args ?? [], says: "ready" });
  using client = await connectTo(machine, container.id);
  await updateResources(client, container.id, { pids: { limit: 6 } });
  const { exitCode, stdout, stderr } = await execIn(machine, container, { args });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain("can't fork");
});

test.each([
  { kind: "native", args: ["dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"] },
  { kind: "Wasm", args: ["/grow.wasm", "500"] },
])("a $kind container that uses more than its memory is ended, and containerd told", async ({ args }) => {
  await using events = await subscribe(machine);
  const id = machine.nextId();
  const flags = ["--memory-limit", String(MEMORY)];
  const { exitCode } = await runContainer(machine, { id, runtime: "jsc", image: IMAGE, flags, args });
  expect(exitCode).toBe(137);
  await events.next("/tasks/oom", id);
  await events.next("/tasks/exit", id);
});
