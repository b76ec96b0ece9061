// SPDX-License-Identifier: Apache-2.0
// The compiled executable's commands, run by hand as containerd runs them, and the daemon that `start` leaves behind.
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, readlink, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "@runwasi/containerd-api/gen/runtime/bootstrap/v1/bootstrap.ts";
import { RuntimeInfo } from "@runwasi/containerd-api/gen/types/introspection.ts";
import { Status } from "@runwasi/containerd-api/gen/types/task/task.ts";
import { version as shimVersion } from "../../shims/all/package.json";
import { mustRun, runForBytes } from "./harness/command.ts";
import { DIST } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { mappedFilesKib, readProcess } from "./harness/processes.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import {
  daemonPid,
  killAndDelete,
  openHandShim,
  runShimCommand,
  shimPath,
  shutDown,
  startAndEnd,
  type HandShim,
} from "./harness/shim-commands.ts";
import { TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";

const m = TASK.methods;
const image = imageName("busybox");
const SLEEP = { process: { args: ["/bin/sleep", "1000"], terminal: false } };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

forEachShim(
  SHIMS,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    const run = (...args: string[]) => runShimCommand(containerd(), [shimPath(runtime), ...args]);
    const inPod = (pod: string) => ({ ...SLEEP, annotations: { "io.kubernetes.cri.sandbox-id": pod } });

    describe("the executable", () => {
      test("-v tells its name and version", async () => {
        const { stdout, stderr, exitCode } = await run("-v");
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
        expect(stdout).toMatch(new RegExp(`^\\S*containerd-shim-${runtime}-v1:\n`));
        expect(stdout).toContain(shimVersion);
      });

      test("-info answers a RuntimeInfo, with or without options on stdin", async () => {
        for (const stdin of [new Uint8Array(), new Uint8Array(100_000)]) {
          const argv = containerd().mounts.enter([shimPath(runtime), "-info"]);
          const { stdout, stderr, exitCode } = await runForBytes(argv, { stdin });
          expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
          const { name, version } = RuntimeInfo.decode(stdout);
          expect({ name, version: version?.version }).toEqual({
            name: `io.containerd.${runtime}.v1`,
            version: shimVersion,
          });
        }
      });

      test.each([
        ["an unknown flag", ["-frobnicate", "start"], "frobnicate"],
        ["an unknown command", ["-namespace", "n", "-id", "i", "restart"], "restart"],
        ["a flag without its value", ["-namespace", "n", "-id"], "-id"],
        ["start without a namespace", ["-id", "i", "-address", "a", "start"], "-namespace"],
        ["delete without an id", ["-namespace", "n", "delete"], "-id"],
      ])("%s fails by name and leaves nothing", async (_title, args, tells) => {
        const before = await listPossessions(containerd());
        const { stdout, stderr, exitCode } = await run(...args);
        expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
        expect(stderr).toContain(tells);
        await assertNothingLeft(containerd(), before);
      });

      test("by a name that is no shim's it tells the names that are", async () => {
        const folder = join(containerd().folder, `${runtime}-names`);
        await mkdir(folder);
        const name = join(folder, "containerd-shim-none-v1");
        await symlink(join(DIST, "../libexec/containerd-shims/containerd-shim-runwasi"), name);
        const { stdout, stderr, exitCode } = await runShimCommand(containerd(), [name, "-v"]);
        expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
        expect(stderr).toContain(`containerd-shim-${runtime}-v1`);
      });

      test("installed below a prefix it runs containers, after an upgrade too", async () => {
        const prefix = join(containerd().folder, `${runtime}-prefix`);
        const install = [process.execPath, join(DIST, "../../scripts/install-shims.ts"), "--prefix", prefix];
        await mustRun(install);
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const folder = join(prefix, "bin");
        expect((await shim.start({ folder })).exitCode).toBe(0);
        using client = await shim.connect();
        const daemon = await daemonPid(client, shim.id);
        const executable = join(prefix, "libexec/containerd-shims/containerd-shim-runwasi");
        expect(await readlink(`/proc/${daemon}/exe`)).toBe(executable);
        await client.call(TASK, m.create, shim.createRequest);

        await mustRun(install); // as an upgrade does, with the daemon running
        await client.call(TASK, m.start, { id: shim.id, execId: "" });
        await killAndDelete(client, shim.id);
        await shutDown(client, shim.id);
      });
    });

    describe("the start command", () => {
      test("answers the plain address to a containerd that writes nothing, and keeps it in the bundle", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const { stdout, stderr, exitCode } = await shim.start();
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
        expect(text(stdout)).toMatch(/^unix:\/\/\/run\/runwasi\/[0-9a-f]{64}$/);
        expect(await readFile(join(shim.bundle, "address"), "utf8")).toBe(text(stdout));
        using client = await shim.connect();
        await shutDown(client, shim.id);
      });

      test("answers a BootstrapResult of version 2 to a containerd that writes BootstrapParams", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const params: BootstrapParams = {
          instanceId: shim.id,
          namespace: containerd().namespace,
          containerdVersion: "2.4.2",
          containerdGrpcAddress: join(containerd().folder, "containerd.sock"),
          containerdTtrpcAddress: join(containerd().folder, "containerd.sock.ttrpc"),
          containerdBinary: "",
          logLevel: LogLevel.LOG_LEVEL_INFO,
          extensions: [],
        };
        const { stdout, exitCode } = await shim.start({ stdin: BootstrapParams.encode(params).finish() });
        expect(exitCode).toBe(0);
        const { version, protocol, address } = BootstrapResult.decode(stdout);
        expect({ version, protocol }).toEqual({ version: 2, protocol: "ttrpc" });
        expect(await readFile(join(shim.bundle, "address"), "utf8")).toBe(address);
        using client = await shim.connect();
        await shutDown(client, shim.id);
      });

      test("many at once of one pod end in one daemon, which every one of them keeps", async () => {
        const pod = containerd().nextId();
        const shims: HandShim[] = [];
        for (let count = 0; count < 6; count += 1) {
          shims.push(await openHandShim(containerd(), runtime, inPod(pod)));
        }
        const before = await listPossessions(containerd());
        const answers = await Promise.all(shims.map((shim) => shim.start()));
        expect(answers.map(({ exitCode }) => exitCode)).toEqual(shims.map(() => 0));
        expect(new Set(answers.map(({ stdout }) => text(stdout))).size).toBe(1);
        const [first, ...others] = shims;
        if (first === undefined) throw new Error("no shim");
        using client = await first.connect();
        const daemon = await daemonPid(client, first.id);
        const started = (await listPossessions(containerd())).processes.filter(
          (process) => !before.processes.includes(process),
        );
        expect(started).toEqual([`${daemon} ${(await readProcess(daemon))?.name ?? ""}`]);
        // Each `start` has announced a container: the daemon ends when the last is taken back.
        for (const { id } of others) {
          await client.call(TASK, m.shutdown, { id, now: false });
          expect(await daemonPid(client, id)).toBe(daemon);
        }
        await shutDown(client, first.id);
        await assertNothingLeft(containerd(), before);
      });

      test("of another pod goes on beside a daemon that hangs, and of the same pod fails with the reason", async () => {
        const pod = containerd().nextId();
        const [hung, sibling] = [
          await openHandShim(containerd(), runtime, inPod(pod)),
          await openHandShim(containerd(), runtime, inPod(pod)),
        ];
        const other = await openHandShim(containerd(), runtime);
        await startAndEnd(await openHandShim(containerd(), runtime)); // makes the folder of the sockets, which stays
        const before = await listPossessions(containerd());
        await hung.start();
        using client = await hung.connect();
        const daemon = await daemonPid(client, hung.id);
        process.kill(daemon, "SIGSTOP");
        const waiting = sibling.start();
        await startAndEnd(other);
        const { exitCode, stderr } = await waiting;
        expect({ exitCode, stderr }).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining("does not answer"),
        });
        process.kill(daemon, "SIGCONT");
        // The sibling's announcement arrives some time now, for a container that never comes: it is taken back.
        await waitUntil("the daemon to end", async () => {
          try {
            for (const { id } of [sibling, hung]) await client.call(TASK, m.shutdown, { id, now: false });
            return undefined;
          } catch {
            return true; // nobody answers any more
          }
        });
        await assertNothingLeft(containerd(), before);
      });
    });

    describe("the daemon", () => {
      test("has a clean environment, works from /, in a session of its own, with its own descriptors only", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const env = {
          BUN_OPTIONS: "--smol",
          LD_LIBRARY_PATH: "/nope",
          SECRET: "of containerd's",
          LINES: "a\nexport PATH=/bad\nexport 1x=2\nexport TTRPC_ADDRESS='",
          XDG_RUNTIME_DIR: "/xdg",
          DBUS_SESSION_BUS_ADDRESS: "unix:path=/xdg/bus",
          PATH: `${process.env["PATH"] ?? ""}:/extra`,
        };
        expect((await shim.start({ env })).exitCode).toBe(0);
        using client = await shim.connect();
        const pid = await daemonPid(client, shim.id);
        const variables = (await readFile(`/proc/${pid}/environ`, "utf8")).split("\0");
        const given = variables.filter((line) => line !== "" && !/^BUN_(JSC|GC)_/.test(line));
        expect(given.sort()).toEqual([
          "DBUS_SESSION_BUS_ADDRESS=unix:path=/xdg/bus",
          `PATH=${env.PATH}`,
          `TTRPC_ADDRESS=${containerd().folder}/containerd.sock.ttrpc`,
          "XDG_RUNTIME_DIR=/xdg",
        ]);
        expect(await readlink(`/proc/${pid}/cwd`)).toBe("/");
        const stats = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
        expect({ parent: stats[1], group: stats[2], session: stats[3] }).toMatchObject({
          group: String(pid),
          session: String(pid),
        });
        const targets = await descriptorTargets(pid);
        expect(targets.slice(0, 3)).toEqual(["/dev/null", "/dev/null", "/dev/null"]);
        // Its listening socket, this connection, an event loop's own; no pipe, file or folder of whoever started it.
        const foreign = targets.slice(3).filter((target) => !/^(socket:|anon_inode:)/.test(target));
        expect(foreign).toEqual([]);
        expect(targets.filter((target) => target.startsWith("socket:")).length).toBeLessThanOrEqual(4);
        await shutDown(client, shim.id);
      });

      test("gives back memory when nothing happens any more, and serves on", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        await shim.start();
        using client = await shim.connect();
        await client.call(TASK, m.create, shim.createRequest);
        await client.call(TASK, m.start, { id: shim.id, execId: "" });
        const pid = await daemonPid(client, shim.id);
        const busy = await mappedFilesKib(pid);
        await waitUntil("the daemon to give back half of it", async () =>
          (await mappedFilesKib(pid)) < busy / 2 ? true : undefined,
        );
        const { status } = await client.call(TASK, m.state, { id: shim.id, execId: "" });
        expect(status).toBe(Status.RUNNING);
        await killAndDelete(client, shim.id);
        await shutDown(client, shim.id);
      });

      test("listens where only its user can connect", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        const socket = text((await shim.start()).stdout).replace(
          "unix:///run",
          containerd().mounts.runFolder,
        );
        using client = await shim.connect();
        expect((await stat(socket)).mode & 0o777).toBe(0o600);
        expect((await stat(join(socket, ".."))).mode & 0o777).toBe(0o700);
        await shutDown(client, shim.id);
        expect(await stat(socket).catch(() => undefined)).toBeUndefined();
      });

      test.each([
        [500, 501],
        [1000, 1000],
      ])("of a containerd with oom_score_adj %d has %d", async (score, expected) => {
        const file = `/proc/${containerd().pid()}/oom_score_adj`;
        const before = await readFile(file, "utf8");
        await Bun.write(file, String(score));
        try {
          await using container = await startDetached(containerd(), {
            runtime,
            image,
            args: ["sleep", "1000"],
          });
          const daemon = (await readProcess(container.pid))?.parentPid ?? 0;
          expect((await readProcess(daemon))?.name).toStartWith("containerd-shim");
          expect(Number(await readFile(`/proc/${daemon}/oom_score_adj`, "utf8"))).toBe(expected);
        } finally {
          await Bun.write(file, before.trim());
        }
      });

      test("stays after Shutdown while a task is there, created, running or stopped", async () => {
        const shim = await openHandShim(containerd(), runtime, SLEEP);
        await shim.start();
        using client = await shim.connect();
        const { id } = shim;
        const daemon = await daemonPid(client, id);
        const staysAfterShutdown = async () => {
          await client.call(TASK, m.shutdown, { id, now: true });
          expect(await daemonPid(client, id)).toBe(daemon);
        };
        await client.call(TASK, m.create, shim.createRequest);
        await staysAfterShutdown();
        await client.call(TASK, m.start, { id, execId: "" });
        await staysAfterShutdown();
        await client.call(TASK, m.kill, { id, execId: "", signal: 9, all: false });
        await client.call(TASK, m.wait, { id, execId: "" });
        await staysAfterShutdown();
        await client.call(TASK, m.delete, { id, execId: "" });
        await shutDown(client, id);
      });

      test("stays after Shutdown while another container of its pod is on its way", async () => {
        const pod = containerd().nextId();
        const first = await openHandShim(containerd(), runtime, inPod(pod));
        const second = await openHandShim(containerd(), runtime, inPod(pod));
        await first.start();
        using client = await first.connect();
        await client.call(TASK, m.create, first.createRequest);
        await client.call(TASK, m.start, { id: first.id, execId: "" });
        expect((await second.start()).exitCode).toBe(0);
        await killAndDelete(client, first.id);
        await client.call(TASK, m.shutdown, { id: first.id, now: false });
        // containerd creates it now, on an address that it was given before.
        using late = await second.connect();
        const { pid } = await late.call(TASK, m.create, second.createRequest);
        expect((await readProcess(pid))?.parentPid).toBe(await daemonPid(late, second.id));
        await killAndDelete(late, second.id);
        await shutDown(late, second.id);
      });
    });

    test("the commands leave nothing behind", async () => {
      await runContainer(containerd(), { runtime, image, args: ["true"] });
      const shim = await openHandShim(containerd(), runtime, SLEEP);
      const before = await listPossessions(containerd());
      await shim.start();
      {
        using client = await shim.connect();
        await client.call(TASK, m.create, shim.createRequest);
        await killAndDelete(client, shim.id);
        await shutDown(client, shim.id);
      }
      expect((await shim.deleteByCommand()).exitStatus).toBe(137); // as containerd 1.6 does after each deletion
      await assertNothingLeft(containerd(), before);
    });
  },
);

async function descriptorTargets(pid: number): Promise<string[]> {
  const numbers = (await readdir(`/proc/${pid}/fd`)).map(Number).sort((a, b) => a - b);
  return Promise.all(numbers.map((number) => readlink(`/proc/${pid}/fd/${number}`)));
}
