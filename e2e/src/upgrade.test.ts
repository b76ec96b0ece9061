// SPDX-License-Identifier: Apache-2.0
// The shim and the engine are upgraded while containers run, by `npm run install-shims` and by a rename.
import { expect, test } from "bun:test";
import { copyFile, mkdir, readdir, rename, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { containerdBin } from "../../scripts/toolchain/containerd.ts";
import { mustRun } from "./harness/command.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { startDetached, type DetachedContainer } from "./harness/detached.ts";
import { engineFolder } from "./harness/engines.ts";
import { execIn } from "./harness/exec.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages, type TestImage } from "./harness/images.ts";
import { listPossessions, type Possessions } from "./harness/leftovers.ts";
import { parentOf } from "./harness/processes.ts";
import { busyboxRootfs } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS, type Runtime } from "./harness/runtimes.ts";
import { findTask } from "./harness/tasks.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { moduleFiles } from "./harness/wasm-images.ts";

const REPOSITORY = resolve(import.meta.dir, "../..");
const image = imageName("mixed");

async function mixedImage(): Promise<TestImage> {
  const layers = [await busyboxRootfs(), await moduleFiles(["sleep", "hello"])];
  return { name: "mixed", process: { env: ["PATH=/bin"] }, layers };
}

/** Puts shims and engine below `prefix`, or others in the place of those that are there. */
async function install(prefix: string, runtime: Runtime): Promise<void> {
  const script = join(REPOSITORY, "scripts/install-shims.ts");
  await mustRun([process.execPath, script, "--prefix", prefix]);
  const engines = join(prefix, "engines");
  await mkdir(engines, { recursive: true });
  const folder = await engineFolder(runtime);
  if (folder === undefined) return;
  for (const name of await readdir(folder)) {
    await copyFile(join(folder, name), join(engines, `${name}.new`));
    await rename(join(engines, `${name}.new`), join(engines, name));
  }
}

async function executableOf(pid: number): Promise<bigint> {
  return (await stat(`/proc/${pid}/exe`, { bigint: true })).ino;
}

/** The engine's files, as they are mounted in a container: what runs is its loader. */
async function engineFiles({ pid }: DetachedContainer): Promise<readonly bigint[]> {
  const folder = `/proc/${pid}/root/dev/.runwasi`;
  const names = await readdir(folder, { recursive: true });
  const files = await Promise.all(names.sort().map((name) => stat(join(folder, name), { bigint: true })));
  return files.filter((file) => file.isFile()).map(({ ino }) => ino);
}

/** Caches of the old files and the new stay until the host is rebooted; containerd opens descriptors when it likes. */
function withoutCaches(possessions: Possessions): Possessions {
  const isCache = (name: string) => /^runwasi\/(closure|engine-version|spec-version)-/.test(name);
  return {
    ...possessions,
    runFiles: possessions.runFiles.filter((name) => !isCache(name)),
    containerdFds: [],
  };
}

async function daemonOf({ pid }: DetachedContainer): Promise<number> {
  return await parentOf(pid);
}

forEachShim(
  SHIMS,
  async () => [],
  ({ version, runtime }) => {
    async function open(): Promise<{ containerd: Containerd; prefix: string }> {
      const prefix = join("/tmp", `rwup-${process.pid}-${Bun.randomUUIDv7()}`);
      await install(prefix, runtime);
      const path = [join(prefix, "bin"), containerdBin(version), join(prefix, "engines")];
      path.push("/usr/sbin", "/usr/bin", "/sbin", "/bin");
      const containerd = await startContainerd({ version, path });
      await importImages(containerd, [await mixedImage()]);
      return { containerd, prefix };
    }

    test("running containers go on as they are, and new ones use the new files", async () => {
      const { containerd, prefix } = await open();
      await using _containerd = containerd;
      const start = (args: readonly string[], pod?: string) => {
        const flags = pod === undefined ? [] : ["--annotation", `io.kubernetes.cri.sandbox-id=${pod}`];
        return startDetached(containerd, { runtime, image, args, flags });
      };
      const SLEEP = ["/sleep.wasm"];
      const TRAP = ["sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"];
      expect(await runContainer(containerd, { runtime, image, args: ["/hello.wasm"] })).toMatchObject({
        stdout: "hello world\n",
      });
      const before = withoutCaches(await listPossessions(containerd));
      {
        await using wasm = await start(SLEEP);
        await using native = await start(TRAP);
        await using first = await start(TRAP, "pod");
        await using orphan = await start(SLEEP);
        await Promise.all([wasm.printed("sleeping"), native.printed("ready"), first.printed("ready")]);
        const old = { shim: await executableOf(await daemonOf(wasm)), engine: await engineFiles(wasm) };

        await install(prefix, runtime);

        // What the old daemons have not yet needed, they load from the file that they were started from.
        for (const container of [wasm, native, first]) {
          const ran = await execIn(containerd, container, { args: ["sh", "-c", "echo native; exit 3"] });
          expect(ran).toMatchObject({ stdout: "native\n", exitCode: 3 });
          const { stdout } = await containerd.ctr(["task", "metrics", container.id]);
          expect(stdout).toContain("memory");
          expect((await containerd.ctr(["task", "pause", container.id])).exitCode).toBe(0);
          expect((await containerd.ctr(["task", "resume", container.id])).exitCode).toBe(0);
        }
        const ran = await execIn(containerd, wasm, { args: ["/hello.wasm"] });
        expect(ran).toMatchObject({ stdout: "hello world\n", exitCode: 0 });
        expect(await engineFiles(wasm)).toEqual(old.engine);

        await using newer = await start(SLEEP);
        await newer.printed("sleeping");
        expect(await executableOf(await daemonOf(newer))).not.toBe(old.shim);
        expect((await engineFiles(newer)).length).toBe(old.engine.length);
        expect(await engineFiles(newer)).not.toEqual(old.engine);

        // A pod's old daemon runs what comes later, too.
        await using second = await start(SLEEP, "pod");
        await second.printed("sleeping");
        expect(await daemonOf(second)).toBe(await daemonOf(first));
        expect(await execIn(containerd, second, { args: ["/hello.wasm"] })).toMatchObject({
          stdout: "hello world\n",
        });

        // The new delete command cleans up after an old daemon.
        process.kill(await daemonOf(orphan), "SIGKILL");
        await waitUntil("the orphan to be away", async () =>
          (await findTask(containerd, orphan.id)) === undefined ? true : undefined,
        );

        for (const container of [wasm, newer, second]) {
          await container.kill();
          expect(await container.deleted()).toBe(143);
        }
        for (const container of [native, first]) {
          await container.kill();
          expect(await container.deleted()).toBe(5);
        }
      }
      await waitUntil("all to be as before", async () =>
        Bun.deepEquals(withoutCaches(await listPossessions(containerd)), before) ? true : undefined,
      ).catch(async () => expect(withoutCaches(await listPossessions(containerd))).toEqual(before));
      await mustRun(["rm", "-r", prefix]);
    });
  },
);
