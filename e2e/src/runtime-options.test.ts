// SPDX-License-Identifier: Apache-2.0
// Options of the runtime that change what is around a container: the daemon's cgroup, the state's folder.
// Whose stdio is (IoUid, IoGid) shows in runtime-info.test.ts: an OCI runtime gives it to the program's user anyway.
import { expect, test } from "bun:test";
import { mkdir, readdir, readFile, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { readProcess } from "./harness/processes.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { wasmImage } from "./harness/wasm-images.ts";
import { waitUntil } from "./harness/wait-until.ts";

const image = imageName("busybox");

async function optionFlags(containerd: Containerd, toml: string): Promise<readonly string[]> {
  const path = join(containerd.folder, `options-${Bun.randomUUIDv7()}.toml`);
  await writeFile(path, toml);
  return ["--runtime-config-path", path];
}

// Of native containers: they are the same under every shim.
forEachShim(
  SHIMS.slice(0, 1),
  async () => [await busyboxImage(), await wasmImage("wasm", ["hello"])],
  ({ runtime, containerd }) => {
    test("ShimCgroup is where the daemon goes, in every hierarchy that has it, and the container does not", async () => {
      const { namespace } = containerd();
      const cgroup = `/${namespace}-shims`;
      const folders = ["memory", "pids"].map((controller) => join("/sys/fs/cgroup", controller, cgroup));
      for (const folder of folders) await mkdir(folder, { recursive: true });
      const flags = await optionFlags(containerd(), `ShimCgroup = "${cgroup}"`);
      {
        await using container = await startDetached(containerd(), {
          runtime,
          image,
          flags,
          args: ["sleep", "1000"],
        });
        const daemon = (await readProcess(container.pid))?.parentPid;
        const of = (pid: number | undefined) => readFile(`/proc/${pid}/cgroup`, "utf8");
        expect(await of(daemon)).toMatch(new RegExp(`memory:${cgroup}$`, "m"));
        expect(await of(daemon)).toMatch(new RegExp(`pids:${cgroup}$`, "m"));
        expect(await of(container.pid)).not.toContain(cgroup);
        const { stdout } = await containerd().ctr(["task", "metrics", container.id]);
        expect(stdout).toContain("memory.usage_in_bytes");
      }
      for (const folder of folders) {
        await waitUntil("the daemon to end", () =>
          rmdir(folder).then(
            () => true,
            () => undefined,
          ),
        );
      }
    });

    test("a ShimCgroup that is not there fails Create by name", async () => {
      const flags = await optionFlags(containerd(), 'ShimCgroup = "/no/such/cgroup"');
      const { stderr, exitCode } = await runContainer(containerd(), {
        runtime,
        image,
        flags,
        args: ["true"],
      });
      expect({ exitCode, tells: stderr.includes("/no/such/cgroup") }).toEqual({ exitCode: 1, tells: true });
    });

    test("Root is where the OCI runtime keeps its state, of each namespace in a folder of its own", async () => {
      const root = join(containerd().folder, `${runtime}-state`);
      const flags = await optionFlags(containerd(), `Root = "${root}"`);
      await using container = await startDetached(containerd(), {
        runtime,
        image,
        flags,
        args: ["sleep", "1000"],
      });
      expect(await readdir(join(root, containerd().namespace))).toContain(container.id);
      expect((await stat(root)).mode & 0o777).toBe(0o700);
    });

    test.each([
      ["IoUid", 'IoUid = "root"'],
      ["IoGid", "IoGid = -1"],
      ["ShimCgroup", "ShimCgroup = 7"],
      ["ShimCgroup", 'ShimCgroup = "../up"'],
      ["CriuPath", 'CriuPath = "criu"'],
      ["CriuWorkPath", 'CriuWorkPath = "work"'],
      ["CriuImagePath", 'CriuImagePath = "images"'],
      ["Root", 'Root = "state"'],
      ["TaskApiAddress", 'TaskApiAddress = "ttrpc+unix:///run/x"'],
      ["Unknown", "Unknown = 1"],
    ])("a bad %s fails Create by its name: %s", async (name, toml) => {
      const flags = await optionFlags(containerd(), toml);
      for (const from of [image, imageName("wasm")]) {
        const { stderr, exitCode } = await runContainer(containerd(), { runtime, image: from, flags });
        expect({ from, exitCode, tells: stderr.includes(name) }).toEqual({ from, exitCode: 1, tells: true });
      }
    });
  },
);
