// SPDX-License-Identifier: Apache-2.0
// Processes executed beside a container's init: as under runc's shim, in native containers and Wasm ones.
import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { StatusCode } from "@runwasi/ttrpc";
import { subscribe } from "./harness/events.ts";
import { startDetached } from "./harness/detached.ts";
import { execBoth, execIn } from "./harness/exec.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { daemonPid } from "./harness/shim-commands.ts";
import { bundleOf, connectTo, refusal, TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const image = imageName("busybox");
const EXECS = 1_000;
/** A thousand OCI runtimes one after the other, on a machine that does other things too. */
const THOUSAND_MS = 240_000;
const SLEEP = ["sleep", "1000"];
const m = TASK.methods;

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    const sleeping = (args: readonly string[] = SLEEP) =>
      startDetached(containerd(), { runtime, image, args });

    test("output, errors, status, environment, user and working folder are as under runc", async () => {
      const { reference, ours } = await execBoth(containerd(), { runtime, image, args: SLEEP }, [
        { args: ["sh", "-c", "echo out; echo err >&2; exit 7"] },
        { args: ["sh", "-c", "id; pwd; env | sort"], flags: ["--user", "1000:1000", "--cwd", "/work"] },
        { args: ["sh", "-c", "kill -SEGV $$"] },
        {
          args: [
            "sh",
            "-c",
            "grep -E '^(Cap|Seccomp|NoNew|Groups|Uid|Gid)' /proc/self/status; ls -l /proc/self/fd | wc -l",
          ],
        },
        { args: ["sh", "-c", "cat /proc/self/cgroup | cut -d: -f2 | sort"] },
      ]);
      expect(ours).toEqual(reference);
      expect(ours[0]).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 7 });
    });

    test("input goes in whole and its end is seen", async () => {
      await using container = await sleeping();
      const input = "a line of text\n".repeat(20_000);
      const { stdout, exitCode } = await execIn(
        containerd(),
        container,
        { args: ["sh", "-c", "cat; echo end"] },
        { stdin: input, stdinOpenUntil: () => Bun.sleep(500) },
      );
      expect(exitCode).toBe(0);
      expect(stdout === `${input}end\n`).toBe(true);
    });

    test("many at once have each their own output and status, and nothing is left", async () => {
      await using container = await sleeping();
      await execIn(containerd(), container, { args: ["true"] });
      const before = await listPossessions(containerd());
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const results = await Promise.all(
        numbers.map((number) =>
          execIn(containerd(), container, { args: ["sh", "-c", `echo ${number}; exit ${number}`] }),
        ),
      );
      expect(results.map(({ stdout, exitCode }) => [stdout, exitCode])).toEqual(
        numbers.map((number) => [`${number}\n`, number]),
      );
      await assertNothingLeft(containerd(), before);
    });

    test("a program that is missing fails Start with the runtime's reason and leaves nothing", async () => {
      await using container = await sleeping();
      await execIn(containerd(), container, { args: ["true"] });
      const before = await listPossessions(containerd());
      for (const args of [["nope"], ["/work/none"]]) {
        const { stderr, exitCode } = await execIn(containerd(), container, { args, execId: "again" });
        expect(exitCode).not.toBe(0);
        expect(stderr).toContain(args[0] ?? "");
        expect(stderr).toMatch(/no such file|not found/i);
      }
      await assertNothingLeft(containerd(), before);
    });

    test("events come in the order of runc's shim, the exits of execs before init's", async () => {
      await using events = await subscribe(containerd());
      await using container = await sleeping(["sh", "-c", "sleep 1000"]);
      await execIn(containerd(), container, { args: ["sh", "-c", "exit 5"], execId: "short" });
      const long = execIn(containerd(), container, { args: SLEEP, execId: "long" });
      await waitUntil("long to start", () =>
        events
          .of(container.id)
          .find(({ payload, topic }) => topic.endsWith("exec-started") && payload["exec_id"] === "long"),
      );
      await container.kill("--signal", "SIGKILL");
      expect((await long).exitCode).toBe(137);
      await container.stopped();
      await waitUntil("init's exit", () =>
        events
          .of(container.id)
          .find(({ payload, topic }) => topic.endsWith("/exit") && payload["id"] === container.id),
      );
      const seen = events
        .of(container.id)
        .filter(({ topic }) => topic.startsWith("/tasks/"))
        .map(({ topic, payload }) => [topic, payload["exec_id"] ?? payload["id"]]);
      expect(seen).toEqual([
        ["/tasks/create", undefined],
        ["/tasks/start", undefined],
        ["/tasks/exec-added", "short"],
        ["/tasks/exec-started", "short"],
        ["/tasks/exit", "short"],
        ["/tasks/exec-added", "long"],
        ["/tasks/exec-started", "long"],
        ["/tasks/exit", "long"],
        ["/tasks/exit", container.id],
      ]);
    });

    test("with the host's PID namespace init's exit ends the execs, and comes last", async () => {
      await using events = await subscribe(containerd());
      const flags = ["--with-ns", `pid:/proc/${process.pid}/ns/pid`];
      await using container = await startDetached(containerd(), { runtime, image, flags, args: SLEEP });
      const left = execIn(containerd(), container, { args: SLEEP, execId: "left" });
      await events.next("/tasks/exec-started", container.id);
      await container.kill("--signal", "SIGKILL");
      expect((await left).exitCode).toBe(137);
      await container.stopped();
      const exits = await waitUntil("both exits", () => {
        const found = events.of(container.id).filter(({ topic }) => topic === "/tasks/exit");
        return found.length === 2 ? found : undefined;
      });
      expect(exits.map(({ payload }) => payload["id"])).toEqual(["left", container.id]);
    });

    test("Kill, State, Pids and Wait know an exec by its id", async () => {
      await using container = await sleeping();
      const running = execIn(containerd(), container, { args: SLEEP, execId: "by-id" });
      const pid = await waitUntil("exec in the list of processes", async () => {
        const { stdout } = await containerd().ctr(["task", "ps", container.id]);
        const line = stdout.split("\n").find((row) => row.includes("by-id"));
        return line === undefined ? undefined : Number.parseInt(line, 10);
      });
      expect(pid).not.toBe(container.pid);
      const kill = await containerd().ctr([
        "task",
        "kill",
        "--exec-id",
        "by-id",
        "-s",
        "SIGTERM",
        container.id,
      ]);
      expect(kill.exitCode).toBe(0);
      expect((await running).exitCode).toBe(143);
      if (runtime === "runc") return;
      using client = await connectTo(containerd(), container.id);
      const state = await client.call(TASK, m.state, { id: container.id, execId: "" });
      expect(state.pid).toBe(container.pid);
    });

    if (runtime !== "runc") {
      describe("calls by exec id", () => {
        const NO_IO = { terminal: false, stdin: "", stdout: "", stderr: "" };
        const spec = (...args: string[]) => ({
          typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Process",
          value: Buffer.from(
            JSON.stringify({ args, cwd: "/", user: { uid: 0, gid: 0 }, env: ["PATH=/bin"] }),
          ),
        });

        test("go through its life: added, started, ended, deleted", async () => {
          await using container = await sleeping();
          using client = await connectTo(containerd(), container.id);
          const exec = { id: container.id, execId: "life" };
          await client.call(TASK, m.exec, { ...exec, ...NO_IO, spec: spec("sh", "-c", "exit 9") });
          expect(await client.call(TASK, m.state, exec)).toMatchObject({ status: 1, pid: 0 });
          const kill = client.call(TASK, m.kill, { ...exec, signal: 9, all: false });
          expect((await refusal(kill)).code).toBe(StatusCode.FailedPrecondition);
          const twice = client.call(TASK, m.exec, { ...exec, ...NO_IO, spec: spec("true") });
          expect((await refusal(twice)).code).toBe(StatusCode.AlreadyExists);
          const { pid } = await client.call(TASK, m.start, exec);
          expect(pid).toBeGreaterThan(0);
          expect(await client.call(TASK, m.wait, exec)).toMatchObject({ exitStatus: 9 });
          expect(await client.call(TASK, m.state, exec)).toMatchObject({ status: 3, pid, exitStatus: 9 });
          expect((await refusal(client.call(TASK, m.start, exec))).code).toBe(StatusCode.FailedPrecondition);
          expect(await client.call(TASK, m.delete, exec)).toMatchObject({ exitStatus: 9, pid });
          expect((await refusal(client.call(TASK, m.state, exec))).code).toBe(StatusCode.NotFound);
          await client.call(TASK, m.exec, { ...exec, ...NO_IO, spec: spec("true") });
          await client.call(TASK, m.delete, exec);
        });

        test("in a container that has stopped answer FailedPrecondition, and its deletion takes them along", async () => {
          await using container = await sleeping();
          using client = await connectTo(containerd(), container.id);
          const exec = { id: container.id, execId: "late" };
          await client.call(TASK, m.exec, { ...exec, ...NO_IO, spec: spec("true") });
          const waiting = client.call(TASK, m.wait, exec);
          await container.kill("--signal", "SIGKILL");
          await container.stopped();
          const more = client.call(TASK, m.exec, { ...exec, execId: "more", ...NO_IO, spec: spec("true") });
          expect((await refusal(more)).code).toBe(StatusCode.FailedPrecondition);
          expect((await refusal(client.call(TASK, m.start, exec))).code).toBe(StatusCode.FailedPrecondition);
          expect(await container.deleted()).toBe(137);
          expect((await waiting).exitStatus).not.toBe(undefined);
        });

        test(
          "a thousand one after the other leave nothing",
          async () => {
            await using container = await sleeping();
            using client = await connectTo(containerd(), container.id);
            const once = async (execId: string) => {
              const exec = { id: container.id, execId };
              await client.call(TASK, m.exec, { ...exec, ...NO_IO, spec: spec("true") });
              await client.call(TASK, m.start, exec);
              expect((await client.call(TASK, m.wait, exec)).exitStatus).toBe(0);
              await client.call(TASK, m.delete, exec);
            };
            await once("warm");
            const before = await listPossessions(containerd());
            const daemon = await daemonPid(client, container.id);
            const descriptors = (await readdir(`/proc/${daemon}/fd`)).length;
            for (let index = 0; index < EXECS; index += 1) await once(`e${index}`);
            expect((await readdir(`/proc/${daemon}/fd`)).length).toBeLessThanOrEqual(descriptors + 1);
            expect(
              (await readdir(bundleOf(containerd(), container.id))).filter((name) =>
                name.startsWith("exec-"),
              ),
            ).toEqual([]);
            await assertNothingLeft(containerd(), before);
          },
          THOUSAND_MS,
        );

        test("with nonsense are refused by code and leave the container alone", async () => {
          await using container = await sleeping();
          using client = await connectTo(containerd(), container.id);
          const exec = { id: container.id, execId: "bad", ...NO_IO };
          const bad = (value: string) => ({ typeUrl: "x", value: Buffer.from(value) });
          for (const wrong of [undefined, bad("{ no json"), bad("{}"), bad(`{"cwd":"/","args":[]}`)]) {
            const { code } = await refusal(client.call(TASK, m.exec, { ...exec, spec: wrong }));
            expect(code).toBe(StatusCode.InvalidArgument);
          }
          const unnamed = client.call(TASK, m.exec, { ...exec, execId: "", spec: spec("true") });
          expect((await refusal(unnamed)).code).toBe(StatusCode.InvalidArgument);
          const taken = { ...exec, execId: "taken", spec: spec("true") };
          await client.call(TASK, m.exec, taken);
          expect((await refusal(client.call(TASK, m.exec, taken))).code).toBe(StatusCode.AlreadyExists);
          await client.call(TASK, m.delete, { id: container.id, execId: "taken" });
          const noFifo = { ...exec, stdout: "/nope/fifo", spec: spec("true") };
          await client.call(TASK, m.exec, noFifo);
          const start = client.call(TASK, m.start, { id: container.id, execId: "bad" });
          expect((await refusal(start)).code).toBe(StatusCode.InvalidArgument);
          await client.call(TASK, m.delete, { id: container.id, execId: "bad" });
          expect((await client.call(TASK, m.state, { id: container.id, execId: "" })).status).toBe(2);
        });
      });
    }
  },
);
