// SPDX-License-Identifier: Apache-2.0
// wasi-demo-app as oci-tar-builder packs it with a rootfs: every command in a container of every shim.
import { beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileApp, encodeAppRootfs } from "@runwasi/wasi-demo-app";
import { mustRun } from "./harness/command.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { runContainer, type Run } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { findTask } from "./harness/tasks.ts";
import { waitUntil } from "./harness/wait-until.ts";

const NAME = "runwasi.test/wasi-demo-app:latest";
const PROGRAM = "/wasi-demo-app.wasm";
const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;
const archive = encodeAppRootfs({ module: await compileApp(), name: NAME }, ARCHITECTURE);

forEachShim(
  SHIMS,
  async () => [],
  ({ runtime, containerd }) => {
    beforeAll(async () => {
      const file = join(containerd().folder, "wasi-demo-app.tar");
      await writeFile(file, archive);
      await mustRun(containerd().ctrCommand(["image", "import", file]));
    });

    const run = (args: readonly string[], options: Partial<Run> = {}) =>
      runContainer(containerd(), { runtime, image: NAME, args: [PROGRAM, ...args], ...options });

    test("it greets by its entrypoint, echoes, and ends with a status", async () => {
      const greeting = { exitCode: 0, stdout: "hello from WebAssembly\n", stderr: "" };
      expect(await run([], { args: [] })).toEqual(greeting);
      expect(await run(["echo", "to", "and fro"])).toMatchObject({ exitCode: 0, stdout: "to and fro\n" });
      expect(await run(["exit", "42"])).toMatchObject({ exitCode: 42 });
    });

    test("it has its arguments, environment and stdin", async () => {
      expect((await run(["args", "ä b"])).stdout).toEndWith("\nargs\nä b\n");
      const { stdout } = await run(["env"], { flags: ["--env", "DEMO=two words"] });
      expect(stdout.split("\n")).toContain("DEMO=two words");
      expect((await run(["cat"], { stdin: "from here\n" })).stdout).toBe("from here\n");
    });

    test("what it writes into a volume is there", async () => {
      const volume = join(containerd().folder, `${runtime}-volume`);
      await mkdir(volume);
      const flags = ["--mount", `type=bind,src=${volume},dst=/data,options=rbind:rw`];
      expect(await run(["write", "/data/note", "hello", "volume"], { flags })).toMatchObject({
        exitCode: 0,
        stderr: "",
      });
      expect(await readFile(join(volume, "note"), "utf8")).toBe("hello volume\n");
    });

    test("it sleeps, computes and grows", async () => {
      expect(await run(["sleep", "0.1"])).toMatchObject({ exitCode: 0, stdout: "" });
      expect((await run(["burn", "0.1"])).stdout).toStartWith("computed ");
      expect((await run(["grow", "20"])).stdout).toBe("grown by 20 MB\n");
    });

    test("daemon runs until it is told to stop", async () => {
      const id = containerd().nextId();
      const ended = run(["daemon"], { id });
      await waitUntil(`task ${id} to run`, async () => {
        const task = await findTask(containerd(), id);
        return task?.status === "RUNNING" ? task : undefined;
      });
      await mustRun(containerd().ctrCommand(["task", "kill", "--signal", "SIGTERM", id]));
      expect((await ended).exitCode).toBe(143);
    });
  },
);
