// SPDX-License-Identifier: Apache-2.0
// Programs that live in a mounted volume, not in the rootfs, as Tekton and Argo mount their entrypoints.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { staticProbe } from "./harness/programs.ts";
import { writeRootfs } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";

const image = imageName("busybox");

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    test("a native program in a volume runs by absolute path, relative path and PATH", async () => {
      const folder = join(containerd().folder, `${runtime}-volume`);
      await writeRootfs(folder, [
        ...(await staticProbe()),
        { kind: "symlink", path: "link", target: "/vol/probe" },
      ]);
      const flags = ["--mount", `type=bind,src=${folder},dst=/vol,options=rbind:ro`];
      const ways: readonly { readonly program: string; readonly flags: readonly string[] }[] = [
        { program: "/vol/probe", flags: [] },
        { program: "/vol/link", flags: [] },
        { program: "./probe", flags: ["--cwd", "/vol"] },
        { program: "../vol/probe", flags: ["--cwd", "/work"] },
        { program: "probe", flags: ["--env", "PATH=/bin:/vol"] },
      ];
      for (const way of ways) {
        const args = [way.program, "say", "out", "err", "8"];
        const result = await runContainer(containerd(), {
          runtime,
          image,
          flags: [...flags, ...way.flags],
          args,
        });
        expect({ ...way, ...result }).toEqual({ ...way, stdout: "out\n", stderr: "err\n", exitCode: 8 });
      }
    });
  },
);
