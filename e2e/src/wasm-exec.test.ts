// SPDX-License-Identifier: Apache-2.0
// Processes executed in a Wasm container: modules on the engine, native programs natively.
import { expect, test } from "bun:test";
import { readlink } from "node:fs/promises";
import { startDetached } from "./harness/detached.ts";
import { execIn } from "./harness/exec.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxRootfs } from "./harness/rootfs.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { moduleFiles } from "./harness/wasm-images.ts";

const image = imageName("mixed");
const MODULES = ["sleep", "hello", "exit", "env", "args", "echo", "named-export"];

async function mixedImage(): Promise<TestImage> {
  return {
    name: "mixed",
    process: { entrypoint: ["/sleep.wasm"], env: ["PATH=/bin"] },
    layers: [await busyboxRootfs(), await moduleFiles(MODULES)],
  };
}

forEachShim(
  SHIMS,
  async () => [await mixedImage()],
  ({ runtime, containerd }) => {
    const sleeping = (args: readonly string[] = ["/sleep.wasm"]) =>
      startDetached(containerd(), { runtime, image, args });

    test("a module runs on the engine: output, arguments, environment, status", async () => {
      await using container = await sleeping();
      const exec = (args: readonly string[], flags: readonly string[] = []) =>
        execIn(containerd(), container, { args, flags });
      expect(await exec(["/hello.wasm"])).toEqual({ stdout: "hello world\n", stderr: "", exitCode: 0 });
      expect((await exec(["/exit.wasm", "42"])).exitCode).toBe(42);
      expect((await exec(["/args.wasm", "one", "--two"])).stdout).toBe("/args.wasm\none\n--two\n");
      expect((await exec(["/env.wasm"])).stdout).toContain("PATH=");
      expect((await exec(["hello.wasm"], ["--cwd", "/"])).exitCode).not.toBe(0); // a bare name is looked up in PATH
      expect((await exec(["./hello.wasm"], ["--cwd", "/"])).stdout).toBe("hello world\n");
    });

    test("path#function runs that function", async () => {
      await using container = await sleeping();
      const { exitCode, stdout } = await execIn(containerd(), container, {
        args: ["/named-export.wasm#greet"],
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "from greet\n" });
      const missing = await execIn(containerd(), container, { args: ["/named-export.wasm#absent"] });
      expect(missing.stderr).toContain('no function "absent"');
    });

    test("a native program runs natively, in the same cgroup and namespaces", async () => {
      await using container = await sleeping();
      const look = "for n in pid mnt net; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup";
      const { stdout, exitCode } = await execIn(containerd(), container, { args: ["sh", "-c", look] });
      expect(exitCode).toBe(0);
      const namespaces = await Promise.all(
        ["pid", "mnt", "net"].map((name) => readlink(`/proc/${container.pid}/ns/${name}`)),
      );
      const lines = stdout.split("\n");
      expect(lines.slice(0, 3)).toEqual(namespaces);
      expect(lines.find((line) => line.includes(":memory:"))).toEndWith(`/${container.id}`);
    });

    test("a guest takes its input and is ended by a signal", async () => {
      await using container = await sleeping();
      const echoed = await execIn(
        containerd(),
        container,
        { args: ["/echo.wasm"] },
        { stdin: "in and out\n", stdinOpenUntil: () => Bun.sleep(1_000) },
      );
      expect(echoed.stdout).toBe("in and out\n");
      const running = execIn(containerd(), container, { args: ["/sleep.wasm"], execId: "guest" });
      await waitUntil("guest to run", async () => {
        const { stdout } = await containerd().ctr(["task", "ps", container.id]);
        return stdout.includes("guest") ? true : undefined;
      });
      await containerd().ctr(["task", "kill", "--exec-id", "guest", "-s", "SIGTERM", container.id]);
      expect((await running).exitCode).toBe(143);
    });

    test("in a native container WebAssembly fails with what was found, and leaves nothing", async () => {
      await using container = await sleeping(["sleep", "1000"]);
      await execIn(containerd(), container, { args: ["true"] });
      const before = await listPossessions(containerd());
      const { exitCode, stderr } = await execIn(containerd(), container, { args: ["/hello.wasm"] });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('"/hello.wasm" is WebAssembly');
      await assertNothingLeft(containerd(), before);
    });
  },
);
