// SPDX-License-Identifier: Apache-2.0
// containerd-shim.sh, which containerd runs in front of the executable, and the executable without it.
import { expect, test } from "bun:test";
import { existsSync, readlinkSync, watch } from "node:fs";
import { copyFile, mkdir, readFile, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DIST } from "./harness/containerd.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { listProcessesOf, readProcess } from "./harness/processes.ts";
import { SHIMS } from "./harness/runtimes.ts";
import {
  killAndDelete,
  openHandShim,
  shimPath,
  shutDown,
  startAndEnd,
  warmUp,
} from "./harness/shim-commands.ts";
import { TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const m = TASK.methods;
const SLEEP = { process: { args: ["/bin/sleep", "1000"], terminal: false } };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

forEachShim(
  SHIMS,
  async () => [],
  ({ runtime, containerd }) => {
    const libexec = join(DIST, "../libexec/containerd-shims");

    test("works through a symlink and as a copy elsewhere, and the executable works without it", async () => {
      const [links, copies] = ["links", "copies"].map((name) =>
        join(containerd().folder, `${runtime}-${name}`),
      );
      if (links === undefined || copies === undefined) throw new Error("no folders");
      for (const folder of [links, copies]) await mkdir(folder);
      await symlink(shimPath(runtime), shimPath(runtime, links));
      await copyFile(shimPath(runtime), shimPath(runtime, copies));
      await warmUp(containerd(), runtime);
      for (const folder of [links, copies, libexec]) {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const before = await listPossessions(containerd());
        const env = { PATH: `${DIST}:${process.env["PATH"]}` }; // where a copy finds the installed one
        const { stdout, stderr, exitCode } = await shim.start({ folder, env });
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
        expect(text(stdout)).toBe(await readFile(join(shim.bundle, "address"), "utf8"));
        {
          using client = await shim.connect();
          await client.call(TASK, m.create, shim.createRequest);
          await killAndDelete(client, shim.id);
          expect((await shim.deleteByCommand({ folder })).exitStatus).toBe(137);
          await shutDown(client, shim.id);
        }
        await assertNothingLeft(containerd(), before);
      }
    });

    test("has the kernel's wait for a process that changes its cgroup begin while the daemon boots", async () => {
      const folder = join(containerd().folder, `${runtime}-cgroup`);
      const [moved, go] = [join(folder, "moved"), join(folder, "go")];
      const cgroup = `${await firstCgroup()}/${containerd().cgroup}-start-${runtime}`;
      const members = join(cgroup, "cgroup.procs");
      const shim = await openHandShim(containerd(), runtime, SLEEP);
      await mkdir(folder);
      await mkdir(cgroup);
      const script = [
        "#!/bin/sh",
        `echo $$ >${members} && touch ${moved}`,
        `until [ -e ${go} ]; do sleep 0.01; done`,
        `exec ${shimPath(runtime)} "$@"`,
      ];
      await writeFile(shimPath(runtime, folder), script.join("\n"), { mode: 0o755 });
      const starting = shim.start({ folder });
      await waitUntil("the script to be there", () => (existsSync(moved) ? true : undefined));
      let isWritten = false;
      const watcher = watch(members, () => (isWritten = true));
      await writeFile(go, "");
      expect((await starting).exitCode).toBe(0);
      await waitUntil("something to be written to the cgroup", () => (isWritten ? true : undefined));
      watcher.close();
      using client = await shim.connect();
      await shutDown(client, shim.id);
      await waitUntil("the processes in it to end", async () => {
        const left = await readFile(members, "utf8");
        return left === "" ? true : undefined;
      });
      await rmdir(cgroup);
    });

    test("says why the executable alone did not start", async () => {
      const shim = await openHandShim(containerd(), runtime, SLEEP);
      await rm(join(shim.bundle, "config.json"));
      for (const folder of [DIST, libexec]) {
        const { stdout, stderr, exitCode } = await shim.start({ folder });
        expect({ stdout: text(stdout), exitCode }).toEqual({ stdout: "", exitCode: 1 });
        expect(stderr).toContain("config.json");
      }
    });

    test("answers delete for a task that the daemon deleted without the executable, and for no other", async () => {
      const folder = join(containerd().folder, `${runtime}-alone/bin`);
      await mkdir(folder, { recursive: true });
      await copyFile(shimPath(runtime), shimPath(runtime, folder));
      const shim = await openHandShim(containerd(), runtime, SLEEP);
      await shim.start();
      using client = await shim.connect();
      const { pid } = await client.call(TASK, m.create, shim.createRequest);
      expect(await rejectionOf(shim.deleteByCommand({ folder }))).toContain("libexec");
      await killAndDelete(client, shim.id);
      const answer = await shim.deleteByCommand({ folder });
      expect({ pid: answer.pid, status: answer.exitStatus }).toEqual({ pid, status: 137 });
      expect(answer).toEqual(await shim.deleteByCommand({ folder: libexec }));
      await client.call(TASK, m.create, shim.createRequest); // another task in the same bundle
      expect(await rejectionOf(shim.deleteByCommand({ folder }))).toContain("libexec");
      await killAndDelete(client, shim.id);
      await shutDown(client, shim.id);
    });

    test("leaves nothing when it is killed before the daemon has answered", async () => {
      await startAndEnd(await openHandShim(containerd(), runtime)); // makes the folder of the sockets, which stays
      const shim = await openHandShim(containerd(), runtime, SLEEP);
      const before = await listPossessions(containerd());
      const sockets = join(containerd().mounts.runFolder, "runwasi");
      const lock = Bun.spawn(["flock", sockets, "sh", "-c", "echo held; exec cat"], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      await lock.stdout.getReader().read();
      const starting = shim.start();
      const shims = async () => {
        const all = (await listProcessesOf(containerd().folder)).filter(
          ({ name }) => name === "containerd-shim",
        );
        const daemons = all.filter(({ pid }) => isExecutable(pid));
        return { daemon: daemons[0]?.pid, scripts: all.filter(({ pid }) => !isExecutable(pid)) };
      };
      const daemon = await waitUntil("the daemon to boot", async () => (await shims()).daemon);
      for (const { pid } of (await shims()).scripts) process.kill(pid, "SIGKILL");
      await lock.stdin.end();
      await starting;
      await waitUntil("the daemon to end", async () => {
        const info = await readProcess(daemon);
        return info === undefined || info.state === "Z" ? true : undefined;
      });
      await assertNothingLeft(containerd(), before);
    });
  },
);

/** The folder of this process's cgroup in the hierarchy that the script takes: the first with a controller, or cgroup v2's. */
async function firstCgroup(): Promise<string> {
  const lines = (await readFile("/proc/self/cgroup", "utf8")).trimEnd().split("\n");
  const own = lines.find((line) => !line.split(":")[1]?.startsWith("name="));
  const [, controllers = "", ...path] = own?.split(":") ?? [];
  return join("/sys/fs/cgroup", controllers, path.join(":"));
}

/** Whether a process named like a shim is the executable, and not the script in front of it. */
function isExecutable(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`).endsWith("/containerd-shim-runwasi");
  } catch {
    return false; // gone
  }
}

const rejectionOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => "", String);
