// SPDX-License-Identifier: Apache-2.0
// What the shim answers to calls and bytes that containerd itself would not send.
import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { StatusCode, type TtrpcClient } from "@runwasi/ttrpc";
import { DIST } from "./harness/containerd.ts";
import { runCommand } from "./harness/command.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { findTask } from "./harness/tasks.ts";
import { bundleOf, connectTo, refusal, socketOf, TASK } from "./harness/task-client.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const image = imageName("wasm");
const UNKNOWN = { id: "unknown", execId: "" };

const m = TASK.methods;
const NO_IO = { terminal: false, stdin: "", stdout: "", stderr: "" };
const create = (id: string, bundle: string) => ({
  id,
  bundle,
  ...NO_IO,
  rootfs: [],
  checkpoint: "",
  parentCheckpoint: "",
  options: undefined,
});

/** Every call that names a task or an exec. */
function callsWith(client: TtrpcClient, id: string, execId: string): Record<string, () => Promise<unknown>> {
  return {
    state: () => client.call(TASK, m.state, { id, execId }),
    start: () => client.call(TASK, m.start, { id, execId }),
    delete: () => client.call(TASK, m.delete, { id, execId }),
    wait: () => client.call(TASK, m.wait, { id, execId }),
    kill: () => client.call(TASK, m.kill, { id, execId, signal: 15, all: false }),
    resizePty: () => client.call(TASK, m.resizePty, { id, execId, width: 1, height: 1 }),
    closeIO: () => client.call(TASK, m.closeIO, { id, execId, stdin: true }),
  };
}

forEachShim(
  SHIMS,
  async () => [await wasmImage("wasm", ["sleep", "hello"])],
  ({ runtime, containerd }) => {
    const sleeping = () => startDetached(containerd(), { runtime, image, args: ["/sleep.wasm"] });

    describe("calls on a daemon", () => {
      test("on an unknown task answer NotFound by id", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const calls = {
          ...callsWith(client, UNKNOWN.id, ""),
          pids: () => client.call(TASK, m.pids, { id: UNKNOWN.id }),
          exec: () => client.call(TASK, m.exec, { id: UNKNOWN.id, execId: "e", ...NO_IO, spec: undefined }),
          pause: () => client.call(TASK, m.pause, { id: UNKNOWN.id }),
          resume: () => client.call(TASK, m.resume, { id: UNKNOWN.id }),
          update: () =>
            client.call(TASK, m.update, { id: UNKNOWN.id, resources: undefined, annotations: {} }),
          stats: () => client.call(TASK, m.stats, { id: UNKNOWN.id }),
        };
        for (const [name, call] of Object.entries(calls)) {
          const { code, message } = await refusal(call());
          expect({ name, code, tells: message.includes(UNKNOWN.id) }).toEqual({
            name,
            code: StatusCode.NotFound,
            tells: true,
          });
        }
      });

      test("on an unknown exec answer NotFound by exec id", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        for (const [name, call] of Object.entries(callsWith(client, container.id, "no-exec"))) {
          const { code, message } = await refusal(call());
          expect({ name, code, tells: message.includes("no-exec") }).toEqual({
            name,
            code: StatusCode.NotFound,
            tells: true,
          });
        }
      });

      test("in the wrong state answer FailedPrecondition and change nothing", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const task = { id: container.id, execId: "" };
        expect((await refusal(client.call(TASK, m.start, task))).code).toBe(StatusCode.FailedPrecondition);
        expect((await refusal(client.call(TASK, m.delete, task))).code).toBe(StatusCode.FailedPrecondition);
        const resume = client.call(TASK, m.resume, { id: container.id });
        expect((await refusal(resume)).code).toBe(StatusCode.FailedPrecondition);
        expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      });

      test("on a task that has ended are answered as its state demands", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        await container.kill("--signal", "SIGKILL");
        await container.stopped();
        const task = { id: container.id, execId: "" };
        const kill = client.call(TASK, m.kill, { ...task, signal: 15, all: false });
        expect((await refusal(kill)).code).toBe(StatusCode.NotFound);
        expect((await refusal(client.call(TASK, m.start, task))).code).toBe(StatusCode.FailedPrecondition);
        expect((await client.call(TASK, m.wait, task)).exitStatus).toBe(137);
        expect((await client.call(TASK, m.state, task)).exitStatus).toBe(137);
        // containerd 1.7.20 and later delete a shim that they find without processes when they start.
        const { processes } = await client.call(TASK, m.pids, { id: container.id });
        expect(processes.map(({ pid }) => pid)).toEqual([container.pid]);
      });

      test("that create an id in use answer AlreadyExists and leave its task alone", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const request = create(container.id, bundleOf(containerd(), container.id));
        const { code, message } = await refusal(client.call(TASK, m.create, request));
        expect(code).toBe(StatusCode.AlreadyExists);
        expect(message).toContain(container.id);
        expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      });

      test("that create from a bundle that is not there, or is broken, name it", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const broken = join(containerd().folder, `${runtime}-broken`);
        await mkdir(broken);
        const noConfig = await refusal(client.call(TASK, m.create, create("other", broken)));
        expect(noConfig.message).toContain("config.json");
        await writeFile(join(broken, "config.json"), "{ no json");
        const noJson = await refusal(client.call(TASK, m.create, create("other", broken)));
        expect(noJson.message).toContain("config.json");
        expect(noJson.code).toBe(StatusCode.InvalidArgument);
        const noBundle = await refusal(client.call(TASK, m.create, create("other", "/nope/bundle")));
        expect(noBundle.message).toContain("/nope/bundle");
      });

      test("that create with a rootfs that cannot be mounted name the mount and leave none", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const bundle = join(containerd().folder, `${runtime}-unmountable`);
        await mkdir(join(bundle, "rootfs"), { recursive: true });
        const spec = {
          ociVersion: "1.0.2",
          root: { path: "rootfs" },
          process: { args: ["/x"], cwd: "/" },
          linux: {},
        };
        await writeFile(join(bundle, "config.json"), JSON.stringify(spec));
        const before = await listPossessions(containerd());
        const mount = { type: "overlay", source: "overlay", target: "", options: ["lowerdir=/nope/lower"] };
        const request = { ...create("unmountable", bundle), rootfs: [mount] };
        const { message } = await refusal(client.call(TASK, m.create, request));
        expect(message).toMatch(/overlay|\/nope\/lower/);
        await assertNothingLeft(containerd(), before);
      });

      test("that are not served answer Unimplemented", async () => {
        await using container = await sleeping();
        using client = await connectTo(containerd(), container.id);
        const { id } = container;
        const calls = {
          checkpoint: client.call(TASK, m.checkpoint, { id, path: "/tmp", options: undefined }),
        };
        for (const [name, call] of Object.entries(calls)) {
          expect({ name, code: (await refusal(call)).code }).toEqual({
            name,
            code: StatusCode.Unimplemented,
          });
        }
      });
    });

    describe("bytes on the socket", () => {
      const frame = (length: number, stream: number, type: number, rest: Uint8Array = new Uint8Array()) => {
        const header = Buffer.alloc(10);
        header.writeUInt32BE(length, 0);
        header.writeUInt32BE(stream, 4);
        header.writeUInt8(type, 8);
        return Buffer.concat([header, rest]);
      };
      const BYTES: readonly [string, Buffer][] = [
        ["text", Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
        ["a frame over the limit", frame(64 << 20, 1, 1)],
        ["a frame whose body is no request", frame(4, 1, 1, Buffer.from([0xff, 0xff, 0xff, 0xff]))],
        ["a frame that breaks off", frame(100, 1, 1, Buffer.alloc(10))],
        ["a frame of an unknown type", frame(0, 1, 99)],
        ["a stream number of a server", frame(0, 2, 1)],
      ];

      test.each([...BYTES])("%s: others are served as before", async (_title, bytes) => {
        await using container = await sleeping();
        using healthy = await connectTo(containerd(), container.id);
        const socket = connectSocket(await socketOf(containerd(), container.id));
        await once(socket, "connect");
        socket.on("data", () => {});
        // The daemon may reset the connection, which is its right.
        socket.on("error", () => {});
        socket.end(bytes);
        await once(socket, "close");
        const { pid } = await healthy.call(TASK, m.state, { id: container.id, execId: "" });
        expect(pid).toBe(container.pid);
        expect((await findTask(containerd(), container.id))?.status).toBe("RUNNING");
      });
    });

    describe("the start command", () => {
      test.each([
        ["no config.json", undefined],
        ["a broken config.json", "{ no json"],
      ])("in a bundle with %s fails by name and starts no daemon", async (title, config) => {
        const before = await listPossessions(containerd());
        const bundle = join(containerd().folder, `${runtime}-${title.replaceAll(/\W/g, "")}`);
        await mkdir(bundle);
        if (config !== undefined) await writeFile(join(bundle, "config.json"), config);
        const flags = [
          "-namespace",
          containerd().namespace,
          "-id",
          "x1",
          "-address",
          join(containerd().folder, "containerd.sock"),
        ];
        const shim = join(DIST, `containerd-shim-${runtime}-v1`);
        const argv = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", bundle, shim, ...flags, "start"];
        const { stdout, stderr, exitCode } = await runCommand(containerd().mounts.enter(argv));
        expect(exitCode).not.toBe(0);
        expect(stdout + stderr).toContain("config.json");
        await assertNothingLeft(containerd(), before);
      });
    });
  },
);
