// SPDX-License-Identifier: Apache-2.0
// Where crun is missing, or refuses the host's cgroups, runc runs the containers and the log says why.
import { expect, test } from "bun:test";
import { mustRun } from "./harness/command.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const HOSTS: readonly { readonly title: string; readonly setUp: string; readonly reason: string }[] = [
  // A file that cannot be executed, in the mounts of this containerd alone.
  {
    title: "without crun",
    setUp: 'mount --bind /dev/null "$(command -v crun)"',
    reason: "crun is not installed",
  },
  {
    title: "with cgroup2 beside cgroup v1",
    setUp: "mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified",
    reason: "/sys/fs/cgroup/unified",
  },
];

const images = async () => [await busyboxImage(), await wasmImage("wasm", ["hello"])];

forEachShim(
  SHIMS,
  async () => [],
  ({ version, runtime }) => {
    test.each([...HOSTS])(
      "on a host $title runc runs native and Wasm containers",
      async ({ setUp, reason }) => {
        await using containerd = await startContainerd({ version });
        await mustRun(containerd.mounts.enter(["sh", "-ec", setUp]));
        await importImages(containerd, await images());
        const native = { runtime, image: imageName("busybox"), args: ["sh", "-c", "echo native; exit 3"] };
        const hello = { runtime, image: imageName("wasm") };
        expect(await runContainer(containerd, native)).toEqual({
          stdout: "native\n",
          stderr: "",
          exitCode: 3,
        });
        expect(await runContainer(containerd, hello)).toEqual({
          stdout: "hello world\n",
          stderr: "",
          exitCode: 0,
        });
        const before = await listPossessions(containerd);
        expect((await runContainer(containerd, hello)).exitCode).toBe(0);
        expect((await runContainer(containerd, native)).exitCode).toBe(3);
        await assertNothingLeft(containerd, before);
        const line = await warningOf(containerd, /using \/usr\/s?bin\/runc/); // the first of containerd's PATH
        expect(line).toContain(reason);
        expect(line).toContain("level=warning");
      },
    );
  },
);

function warningOf(containerd: Containerd, words: RegExp): Promise<string> {
  return waitUntil(`${words} in containerd's log`, async () =>
    (await containerd.log()).split("\n").find((line) => words.test(line)),
  );
}
