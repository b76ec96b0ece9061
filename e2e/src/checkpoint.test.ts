// SPDX-License-Identifier: Apache-2.0
// Checkpoint and restore by the OCI runtime and CRIU, with containerd's own client and by the Task API alone.
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { CheckpointOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { Status } from "@runwasi/containerd-api/gen/types/task/task.ts";
import { StatusCode, type TtrpcClient } from "@runwasi/ttrpc";
import { ensureCriu } from "../../scripts/toolchain/criu.ts";
import { listCgroups } from "./harness/cgroups.ts";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { runArguments } from "./harness/run.ts";
import { SHIMS, type Runtime } from "./harness/runtimes.ts";
import { killAndDelete, openHandShim, shutDown, warmUp, type HandShim } from "./harness/shim-commands.ts";
import { connectTo, refusal, TASK } from "./harness/task-client.ts";
import { findTask, waitForStatus } from "./harness/tasks.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const m = TASK.methods;
/** Counts in memory only. */
const COUNT = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done";
const COUNT_TO_FILE = COUNT.replace("echo $i", "echo $i >/tmp/count");
/** Has a TCP connection with itself. */
const CONNECTED = `ip link set lo up
mkfifo /tmp/a /tmp/b
sleep 1000 >/tmp/a & sleep 1000 >/tmp/b &
nc -l -p 77 </tmp/a &
until nc 127.0.0.1 77 </tmp/b; do sleep 0.1; done &
until netstat -tn | grep -q ESTABLISHED; do sleep 0.1; done
echo connected
wait`;

let criu = "";
beforeAll(async () => {
  criu = await ensureCriu();
});

/** The OCI runtime, and whether the container has a terminal. */
interface Way {
  readonly binary: "crun" | "runc";
  readonly terminal: boolean;
}

const CRUN: Way = { binary: "crun", terminal: false };

/** Debian's own runc, and the crun that comes with CRIU. */
function toml(binary: Way["binary"]): string {
  return `BinaryName = "${binary === "crun" ? join(criu, "crun") : "runc"}"\nCriuPath = "${criu}/criu"\n`;
}

function tomlOptions({ binary }: Way): Any {
  const options = { typeUrl: "", configPath: "", configBody: new TextEncoder().encode(toml(binary)) };
  return packAny("runtimeoptions.v1.Options", TomlOptions, options);
}

function checkpointOptions(options: Partial<CheckpointOptions>): Any {
  const nothing = CheckpointOptions.decode(new Uint8Array(0));
  return packAny("containerd.runc.v1.CheckpointOptions", CheckpointOptions, { ...nothing, ...options });
}

/** The shim of a container made by hand, which counts into FIFOs as containerd would make them; dispose ends the connection. */
interface Counter extends Disposable {
  readonly shim: HandShim;
  readonly client: TtrpcClient;
  readonly task: { readonly id: string; readonly execId: string };
  readonly out: string;
}

/** Starts the shim; the task is the caller's to create. */
async function openCounter(
  containerd: Containerd,
  runtime: Runtime,
  { terminal }: Way = CRUN,
): Promise<Counter> {
  const shim = await openHandShim(containerd, runtime, {
    process: { args: ["/bin/sh", "-c", COUNT], terminal },
  });
  const out = join(dirname(shim.bundle), `${shim.id}-out`);
  const fifo = Bun.spawn(["mkfifo", out]);
  await fifo.exited;
  await shim.start();
  const client = await shim.connect();
  const task = { id: shim.id, execId: "" };
  return { shim, client, task, out, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

/** The first lines that a FIFO gives from now on. */
async function firstLines(path: string, count: number): Promise<number[]> {
  const reader = Bun.spawn(["head", "-n", String(count), path], { stdout: "pipe" });
  return (await reader.stdout.text()).trimEnd().split("\n").map(Number);
}

async function create(
  { client, shim, out }: Counter,
  { checkpoint = "", way = CRUN }: { checkpoint?: string; way?: Way } = {},
): Promise<number> {
  const { terminal } = way;
  const asked = { ...shim.createRequest, terminal, stdout: out, checkpoint, options: tomlOptions(way) };
  return (await client.call(TASK, m.create, asked)).pid;
}

/** Runs a counter, and ends it with a checkpoint to `images`; answers how far it had come at least. */
async function checkpointCounter(
  containerd: Containerd,
  runtime: Runtime,
  images: string,
  way: Way,
): Promise<number> {
  using counter = await openCounter(containerd, runtime, way);
  const { client, task } = counter;
  await create(counter, { way });
  await client.call(TASK, m.start, task);
  const counted = await firstLines(counter.out, 5);
  const options = checkpointOptions({ exit: true, terminal: way.terminal });
  await client.call(TASK, m.checkpoint, { id: task.id, path: images, options });
  expect((await client.call(TASK, m.wait, task)).exitStatus).toBe(137);
  await client.call(TASK, m.delete, task);
  await shutDown(client, task.id);
  return counted.at(-1) ?? 0;
}

/** Restores a counter, has it killed, and answers the first number that it told. */
async function restoreCounter(
  containerd: Containerd,
  runtime: Runtime,
  images: string,
  way: Way,
): Promise<number> {
  using counter = await openCounter(containerd, runtime, way);
  const { client, task } = counter;
  expect(await create(counter, { checkpoint: images, way })).toBe(0);
  expect(await client.call(TASK, m.state, task)).toMatchObject({ pid: 0, status: Status.CREATED });
  const { pid } = await client.call(TASK, m.start, task);
  expect(pid).toBeGreaterThan(0);
  const [next = 0] = await firstLines(counter.out, 3);
  const { processes } = await client.call(TASK, m.pids, { id: task.id });
  expect(processes.map((process) => process.pid)).toContain(pid);
  await killAndDelete(client, task.id);
  await shutDown(client, task.id);
  return next;
}

const EXAMPLE_IMAGE = "docker.io/library/web-checkpoint:latest";

/** The arguments of ctr in the operators' example, with a test's names for those there. */
async function operatorsCommands(names: Readonly<Record<string, string>>): Promise<readonly string[][]> {
  const page = await readFile(join(import.meta.dir, "../../docs/operators.md"), "utf8");
  const lines = page.match(/^ctr container (?:checkpoint|restore) .*$/gm) ?? [];
  return lines
    .map((line) => line.split(" ").slice(1))
    .map((words) => words.map((word) => names[word] ?? word));
}

/** CRIU mounts the cgroup2 hierarchy of a hybrid host itself, and leaves there what no OCI runtime of cgroup v1 looks after. */
async function removeCriuCgroups({ namespace }: Containerd): Promise<void> {
  const all = await listCgroups(namespace);
  for (const path of all.filter((cgroup) => cgroup.includes("/unified/")).toReversed()) await rmdir(path);
}

// Of native containers: they are the same under every shim.
forEachShim(
  SHIMS.slice(0, 1),
  async () => [await busyboxImage(), await wasmImage("wasm", ["sleep"])],
  ({ runtime, containerd }) => {
    const optionsFile = async () => {
      const path = join(containerd().folder, "criu.toml");
      await writeFile(path, toml("crun"));
      return ["--runtime-config-path", path];
    };
    const startNative = async () =>
      startDetached(containerd(), {
        runtime,
        image: imageName("busybox"),
        flags: await optionsFile(),
        args: ["sh", "-c", COUNT_TO_FILE],
      });
    const folder = (name: string) => join(containerd().folder, `${runtime}-${name}`);

    test.each([
      ["crun", "FIFOs", CRUN],
      ["crun", "a terminal", { binary: "crun", terminal: true }],
      ["runc", "FIFOs", { binary: "runc", terminal: false }],
      ["runc", "a terminal", { binary: "runc", terminal: true }],
    ] as const)(
      "under %s with %s a container goes on in another where it was, and nothing is left",
      async (name, stdio, way) => {
        const images = folder(`images-${name}-${stdio.length}`);
        const counted = await checkpointCounter(containerd(), runtime, images, way);
        expect(await restoreCounter(containerd(), runtime, images, way)).toBeGreaterThan(counted);
        await removeCriuCgroups(containerd());
        const before = await listPossessions(containerd());
        await checkpointCounter(containerd(), runtime, `${images}-again`, way);
        expect(await restoreCounter(containerd(), runtime, images, way)).toBeGreaterThan(counted);
        await removeCriuCgroups(containerd());
        await assertNothingLeft(containerd(), before);
      },
    );

    test("containerd's client checkpoints into an image, the container runs on, and another begins from it", async () => {
      const container = { id: containerd().nextId() };
      // Its output in no file: CRIU restores a file only as long as it was.
      const flags = ["--detach", "--null-io", ...(await optionsFile())];
      const run = {
        runtime,
        image: imageName("busybox"),
        ...container,
        flags,
        args: ["sh", "-c", COUNT_TO_FILE],
      };
      expect(await containerd().ctr(runArguments(containerd(), run))).toMatchObject({ exitCode: 0 });
      const count = async (id: string) =>
        Number((await containerd().ctr(["task", "exec", "--exec-id", "e", id, "cat", "/tmp/count"])).stdout);
      const counting = () => count(container.id).then((now) => (now > 10 ? now : undefined));
      const counted = await waitUntil("some numbers", counting);
      const reference = `docker.io/library/${runtime}-checkpoint:latest`;
      const id = containerd().nextId();
      const names = { web: container.id, "web-again": id, [EXAMPLE_IMAGE]: reference };
      const [checkpoint = [], restore = []] = await operatorsCommands(names);
      const made = await containerd().ctr(checkpoint);
      expect(made).toMatchObject({ exitCode: 0 });
      expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      const restored = await containerd().ctr(restore);
      expect(restored).toMatchObject({ exitCode: 0 });
      expect(await count(id)).toBeGreaterThan(counted);
      for (const one of [id, container.id]) {
        await containerd().ctr(["task", "kill", "--signal", "SIGKILL", one]);
        await waitForStatus(containerd(), one, "STOPPED");
        expect((await containerd().ctr(["task", "delete", one])).stderr).toContain("137");
        await containerd().ctr(["container", "rm", one]);
      }
    });

    describe("a checkpoint is refused", () => {
      const refused = async (id: string, request: { path?: string; options?: Any }) => {
        using client = await connectTo(containerd(), id);
        const path = request.path ?? folder("refused");
        return await refusal(client.call(TASK, m.checkpoint, { id, path, options: request.options }));
      };
      const runs = async (id: string) => {
        expect((await findTask(containerd(), id))?.status).toBe("RUNNING");
        expect(await readdir(containerd().folder)).not.toContain(`${runtime}-refused`);
      };

      test("with what cannot be used, and the container is as before", async () => {
        await using container = await startNative();
        const file = folder("file");
        await writeFile(file, "");
        const cases: [number, string, { path?: string; options?: Any }][] = [
          [StatusCode.NotFound, "/nope/below", { path: "/nope/below/images" }],
          [StatusCode.NotFound, file, { path: file }],
          [StatusCode.InvalidArgument, "absolute", { path: "images" }],
          [StatusCode.InvalidArgument, "absolute", { path: "" }],
          [StatusCode.InvalidArgument, "hard", { options: checkpointOptions({ cgroupsMode: "hard" }) }],
          [StatusCode.InvalidArgument, "x.Y", { options: { typeUrl: "x.Y", value: new Uint8Array(0) } }],
          [
            StatusCode.InvalidArgument,
            "options",
            { options: { ...checkpointOptions({}), value: new Uint8Array([0x0a, 0x7f]) } },
          ],
          // Of crun's own: what it refuses is told, and the folder that was made for it is gone.
          [StatusCode.Unknown, "crun", { options: checkpointOptions({ emptyNamespaces: ["network"] }) }],
        ];
        for (const [code, words, request] of cases) {
          const answer = await refused(container.id, request);
          expect({ code: answer.code, words, tells: answer.message.includes(words) }).toEqual({
            code,
            words,
            tells: true,
          });
          await runs(container.id);
        }
      });

      test("of a Wasm container, which says why", async () => {
        await using container = await startDetached(containerd(), {
          runtime,
          image: imageName("wasm"),
          args: ["/sleep.wasm"],
        });
        expect(await refused(container.id, {})).toEqual({
          code: StatusCode.Unimplemented,
          message: expect.stringContaining("Wasm"),
        });
        await runs(container.id);
      });

      test("by an OCI runtime without CRIU, which says so, and of a task that has ended", async () => {
        await using container = await startDetached(containerd(), {
          runtime,
          image: imageName("busybox"),
          args: ["sleep", "1000"],
        });
        expect(await refused(container.id, {})).toEqual({
          code: StatusCode.Unknown,
          message: expect.stringMatching(/crun checkpoint: .*/),
        });
        await runs(container.id);
        await container.kill("--signal", "SIGKILL");
        await container.stopped();
        expect((await refused(container.id, {})).code).toBe(StatusCode.FailedPrecondition);
      });
    });

    test("what is executed beside init is not part of a checkpoint", async () => {
      await using container = await startNative();
      using client = await connectTo(containerd(), container.id);
      const exec = { id: container.id, execId: "beside" };
      const process = { args: ["sleep", "1000"], cwd: "/", env: ["PATH=/bin"] };
      const spec = { typeUrl: "process", value: Buffer.from(JSON.stringify(process)) };
      const stdio = { terminal: false, stdin: "", stdout: "", stderr: "" };
      await client.call(TASK, m.exec, { ...exec, ...stdio, spec });
      const { pid } = await client.call(TASK, m.start, exec);
      const path = folder("with-exec");
      await client.call(TASK, m.checkpoint, { id: container.id, path, options: undefined });
      expect(await readdir(path)).toContain("inventory.img");
      expect(await client.call(TASK, m.state, exec)).toMatchObject({ pid, status: Status.RUNNING });
    });

    test("a restore from what is no checkpoint says why and leaves nothing", async () => {
      await warmUp(containerd(), runtime);
      const empty = folder("empty");
      const broken = folder("broken");
      await mkdir(empty);
      await mkdir(broken);
      await writeFile(join(broken, "runwasi-stdio.json"), '["file[1:2]\\nexternal x", null, null]');
      const before = await listPossessions(containerd());
      using counter = await openCounter(containerd(), runtime);
      const { client, task } = counter;
      const missing = await refusal(create(counter, { checkpoint: "/nope/images" }));
      expect(missing).toMatchObject({ code: StatusCode.NotFound });
      const relative = await refusal(create(counter, { checkpoint: "images" }));
      expect(relative).toMatchObject({ code: StatusCode.InvalidArgument });
      await create(counter, { checkpoint: broken });
      const start = await refusal(client.call(TASK, m.start, task));
      expect(start).toMatchObject({ code: StatusCode.InvalidArgument });
      expect((await client.call(TASK, m.delete, task)).exitStatus).toBe(137);
      await create(counter, { checkpoint: empty });
      const nothing = await refusal(client.call(TASK, m.start, task));
      expect(nothing.code).toBe(StatusCode.Unknown);
      expect(nothing.message).toContain("crun restore");
      const exec = client.call(TASK, m.pause, { id: task.id });
      expect((await refusal(exec)).code).toBe(StatusCode.FailedPrecondition);
      const term = client.call(TASK, m.kill, { ...task, signal: 15, all: false });
      expect((await refusal(term)).code).toBe(StatusCode.FailedPrecondition);
      await client.call(TASK, m.delete, task);
      await shutDown(client, task.id);
      await assertNothingLeft(containerd(), before);
    });

    test("CRIU's reason is told when it fails, and the container goes on", async () => {
      await using container = await startDetached(containerd(), {
        runtime,
        image: imageName("busybox"),
        flags: [...(await optionsFile()), "--cap-add", "CAP_NET_ADMIN"],
        args: ["sh", "-c", CONNECTED],
      });
      await container.printed("connected");
      using client = await connectTo(containerd(), container.id);
      const path = folder("tcp");
      const checkpoint = client.call(TASK, m.checkpoint, { id: container.id, path, options: undefined });
      expect(await refusal(checkpoint)).toEqual({
        code: StatusCode.Unknown,
        message: expect.stringMatching(/crun checkpoint: .*(TCP|sockets: )/),
      });
      expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      expect(await readdir(path).catch(() => "away")).toBe("away");
    });
  },
);
