// SPDX-License-Identifier: Apache-2.0
// Hooks of the spec run when the runtime specification says, although the shim does without `crun start`.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { runContainer } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { shellFiles } from "./harness/shim-commands.ts";
import { writeSpec } from "./harness/spec.ts";
import { moduleFiles } from "./harness/wasm-images.ts";
import { waitUntil } from "./harness/wait-until.ts";

/** Those that run outside the container; `startContainer` would need its program inside. */
const HOOKS = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"] as const;

forEachShim(
  NATIVE_RUNTIMES,
  async () => [],
  ({ runtime, containerd }) => {
    const programs: [string, string[]][] = [["a native container", ["/bin/sh", "-c", "sleep 0.2; echo ran"]]];
    if (runtime !== "runc") programs.push(["a module", ["/hello.wasm"]]);

    test.each(programs)(
      "every hook of %s runs once, in order, with the container's state",
      async (title, args) => {
        const log = join(containerd().folder, `${runtime}-${title.replaceAll(" ", "-")}-hooks`);
        const hook = (name: string) => ({
          path: "/bin/sh",
          args: ["sh", "-c", `echo "$NAME $(grep -o '"id": *"[^"]*"' | grep -o '[^"]*"$')" >>${log}`],
          env: [`NAME=${name}`, "PATH=/usr/bin:/bin"],
        });
        const { id, flags } = await writeSpec(
          containerd(),
          [...(await shellFiles()), ...(runtime === "runc" ? [] : await moduleFiles(["hello"]))],
          {
            process: { args, terminal: false },
            hooks: Object.fromEntries(HOOKS.map((name) => [name, [hook(name)]])),
          },
        );
        const { stdout, exitCode } = await runContainer(containerd(), { runtime, id, flags });
        expect({ stdout: stdout.trim().length > 0, exitCode }).toEqual({ stdout: true, exitCode: 0 });
        const lines = await waitUntil("hooks to run", async () => {
          const text = await readFile(log, "utf8").catch(() => "");
          return text.includes("poststop") ? text.trimEnd().split("\n") : undefined;
        });
        expect(lines).toEqual(HOOKS.map((name) => `${name} ${id}"`));
      },
    );

    test("a hook that fails fails Create with its reason and leaves no container", async () => {
      const { id, flags } = await writeSpec(containerd(), await shellFiles(), {
        process: { args: ["/bin/true"], terminal: false },
        hooks: { createRuntime: [{ path: "/nope/hook", args: ["hook"] }] },
      });
      const { stderr, exitCode } = await runContainer(containerd(), { runtime, id, flags });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("hook");
      expect((await containerd().ctr(["task", "ls", "-q"])).stdout).not.toContain(id);
    });
  },
);
