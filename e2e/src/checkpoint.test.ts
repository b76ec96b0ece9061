// SPDX-License-Identifier: Apache-2.0
// Checkpoint and restore by the OCI runtime and CRIU, with containerd's own client and by the Task API alone.
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { CheckpointOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { StatusCode, type TtrpcClient } from "@runwasi/ttrpc";
import { ensureCriu } from "../../scripts/toolchain/criu.ts";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { SHIMS, type Runtime } from "./harness/runtimes.ts";
import { killAndDelete, openHandShim, shutDown, warmUp, type HandShim } from "./harness/shim-commands.ts";
import { connectTo, refusal, TASK } from "./harness/task-client.ts";
import { findTask, waitForStatus } from "./harness/tasks.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const m = TASK.methods;
/** Counts in memory only. */
const COUNT = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done";

let criu = "";
beforeAll(async () => {
  criu = await ensureCriu();
});

const toml = () => `BinaryName = "${criu}/crun"\nCriuPath = "${criu}/criu"\n`;

function tomlOptions(): Any {
  const options = { typeUrl: "", configPath: "", configBody: new TextEncoder().encode(toml()) };
  return packAny("runtimeoptions.v1.Options", TomlOptions, options);
}

function checkpointOptions(options: Partial<CheckpointOptions>): Any {
  const nothing = CheckpointOptions.decode(new Uint8Array(0));
  return packAny("containerd.runc.v1.CheckpointOptions", CheckpointOptions, { ...nothing, ...options });
}

/** A container made by hand, which counts into FIFOs as containerd would make them. */
async function openCounter(containerd: Containerd, runtime: Runtime): Promise<HandShim & { out: string }> {
  const shim = await openHandShim(containerd, runtime, {
    process: { args: ["/bin/sh", "-c", COUNT], terminal: false },
  });
  const out = join(dirname(shim.bundle), `${shim.id}-out`);
  const fifo = Bun.spawn(["mkfifo", out]);
  await fifo.exited;
  return { ...shim, out };
}

/** The first lines that a FIFO gives from now on. */
async function firstLines(path: string, count: number): Promise<number[]> {
  const reader = Bun.spawn(["head", "-n", String(count), path], { stdout: "pipe" });
  return (await reader.stdout.text()).trimEnd().split("\n").map(Number);
}

async function create(client: TtrpcClient, shim: HandShim & { out: string }, checkpoint = ""): Promise<number> {
  const request = { ...shim.createRequest, stdout: shim.out, checkpoint, options: tomlOptions() };
  return (await client.call(TASK, m.create, request)).pid;
}

forEachShim(
  SHIMS,
  async () => [await busyboxImage(), await wasmImage("wasm", ["sleep"])],
  ({ runtime, containerd }) => {
    describe("by the Task API", () => {
      test("a container goes on in another where it was, with its new stdio", async () => {
        await warmUp(containerd(), runtime);
        const before = await listPossessions(containerd());
        const first = await openCounter(containerd(), runtime);
        const images = join(containerd().folder, `images-${first.id}`);
        await first.start();
        using client = await first.connect();
        const task = { id: first.id, execId: "" };
        await create(client, first);
        await client.call(TASK, m.start, task);
        const counted = await firstLines(first.out, 5);
        const options = checkpointOptions({ exit: true });
        await client.call(TASK, m.checkpoint, { id: first.id, path: images, options });
        expect((await client.call(TASK, m.wait, task)).exitStatus).toBe(137);
        await client.call(TASK, m.delete, task);
        await shutDown(client, first.id);

        const second = await openCounter(containerd(), runtime);
        await second.start();
        using other = await second.connect();
        const restored = { id: second.id, execId: "" };
        expect(await create(other, second, images)).toBe(0);
        expect(await other.call(TASK, m.state, restored)).toMatchObject({ pid: 0 });
        const { pid } = await other.call(TASK, m.start, restored);
        expect(pid).toBeGreaterThan(0);
        const [next = 0] = await firstLines(second.out, 3);
        expect(next).toBeGreaterThan(counted.at(-1) ?? 0);
        const { processes } = await other.call(TASK, m.pids, { id: second.id });
        expect(processes.map((process) => process.pid)).toContain(pid);
        await killAndDelete(other, second.id);
        await shutDown(other, second.id);
        await assertNothingLeft(containerd(), before);
      });
    });
  },
);
