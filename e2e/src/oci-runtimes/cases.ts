// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listCgroups } from "../harness/cgroups.ts";
import { mustRun } from "../harness/command.ts";
import { startDetached, type DetachedContainer } from "../harness/detached.ts";
import { execIn } from "../harness/exec.ts";
import { assertNothingLeft, listPossessions } from "../harness/leftovers.ts";
import { runContainer } from "../harness/run.ts";
import { shellFiles } from "../harness/shim-commands.ts";
import { writeSpec } from "../harness/spec.ts";
import { connectTo, TASK } from "../harness/task-client.ts";
import { findTask, waitForStatus } from "../harness/tasks.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { IMAGE, type RuntimeCase, type RuntimeContext } from "./runtime-case.ts";

const HOOKS = ["createRuntime", "poststart", "poststop"] as const;

const shell = (script: string) => ({ image: IMAGE, args: ["sh", "-c", script] });
/** Told when it is as the terminal outside; ctr passes the size on after Start. */
const SIZE =
  'test -t 1 || exit; until [ "$(stty size 2>/dev/null)" = "33 99" ]; do sleep 0.1; done; stty size';
const WAITING = shell("sleep 1000 & wait");

function start(context: RuntimeContext, parts: Parameters<RuntimeContext["run"]>[0] = WAITING) {
  return startDetached(context.containerd, context.run(parts));
}

async function output(context: RuntimeContext, parts: Parameters<RuntimeContext["run"]>[0]) {
  return await runContainer(context.containerd, context.run(parts));
}

async function cgroupFile(context: RuntimeContext, { id }: DetachedContainer, file: string): Promise<string> {
  const controller = file.split(".")[0] ?? "";
  const all = await listCgroups(context.containerd.namespace);
  const path = all.find((cgroup) => cgroup.includes(`/${controller}/`) && cgroup.endsWith(`/${id}`));
  if (path === undefined) throw new Error(`container "${id}" has no cgroup of ${controller}`);
  return (await readFile(join(path, file), "utf8")).trim();
}

/** In every case a container of its own, and what it does is told by the case's name. */
export const CASES: readonly RuntimeCase[] = [
  {
    name: "output and exit status",
    async check(context) {
      const script = "echo out; echo err >&2; exit 7";
      expect(await output(context, shell(script))).toEqual({ stdout: "out\n", stderr: "err\n", exitCode: 7 });
    },
  },
  {
    name: "stdin",
    async check(context) {
      const { stdout } = await output(context, { ...shell("cat"), stdin: "typed\n" });
      expect(stdout).toBe("typed\n");
    },
  },
  {
    name: "user, folder and environment",
    async check(context) {
      const flags = ["--user", "1000:1000", "--cwd", "/tmp", "--env", "GREETING=hello"];
      const { stdout } = await output(context, {
        ...shell('echo "$(id -u):$(id -g) $PWD $GREETING"'),
        flags,
      });
      expect(stdout).toBe("1000:1000 /tmp hello\n");
    },
  },
  {
    name: "read-only root",
    async check(context) {
      const { stderr, exitCode } = await output(context, { ...shell("echo >/file"), flags: ["--read-only"] });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("Read-only");
    },
  },
  {
    name: "seccomp profile",
    async check(context) {
      const flags = ["--seccomp"];
      const { stdout } = await output(context, { ...shell("grep Seccomp: /proc/self/status"), flags });
      expect(stdout.trim()).toMatch(/^Seccomp:\s+2$/);
    },
  },
  {
    name: "capabilities",
    async check(context) {
      const flags = ["--cap-drop", "CAP_CHOWN"];
      const { exitCode } = await output(context, { ...shell("touch /tmp/f && chown 1 /tmp/f"), flags });
      expect(exitCode).toBe(1);
    },
  },
  {
    name: "a program that is not there",
    async check(context) {
      const { stderr, exitCode } = await output(context, { image: IMAGE, args: ["/no/such/program"] });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("/no/such/program");
    },
  },
  {
    name: "signal to init",
    async check(context) {
      await using container = await start(context, shell("trap 'exit 9' TERM; while :; do sleep 0.1; done"));
      await waitForStatus(context.containerd, container.id, "RUNNING");
      await Bun.sleep(300); // nobody tells when the shell has set its trap
      await container.kill("--signal", "SIGTERM");
      expect(await container.deleted()).toBe(9);
    },
  },
  {
    name: "signal to all",
    async check(context) {
      await using container = await start(context);
      await container.kill("--all", "--signal", "SIGKILL");
      expect(await container.deleted()).toBe(137);
    },
  },
  {
    name: "exec",
    async check(context) {
      await using container = await start(context);
      const args = ["sh", "-c", "echo executed; exit 4"];
      expect(await execIn(context.containerd, container, { args })).toMatchObject({
        stdout: "executed\n",
        exitCode: 4,
      });
    },
  },
  {
    name: "exec of a program that is not there",
    async check(context) {
      await using container = await start(context);
      const { stderr, exitCode } = await execIn(context.containerd, container, {
        args: ["/no/such/program"],
      });
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("/no/such/program");
      expect((await findTask(context.containerd, container.id))?.status).toBe("RUNNING");
    },
  },
  {
    name: "limits",
    async check(context) {
      await using container = await start(context, { ...WAITING, flags: ["--memory-limit", "67108864"] });
      expect(await cgroupFile(context, container, "memory.limit_in_bytes")).toBe("67108864");
    },
  },
  {
    name: "pause and resume",
    async check(context) {
      await using container = await start(context);
      await context.containerd.ctr(["task", "pause", container.id]);
      // crun of Debian 12 does not wait for what takes its time to freeze.
      await waitUntil("the container to be frozen", async () =>
        (await cgroupFile(context, container, "freezer.state")) === "FROZEN" ? true : undefined,
      );
      expect((await findTask(context.containerd, container.id))?.status).toBe("PAUSED");
      await context.containerd.ctr(["task", "resume", container.id]);
      expect(await cgroupFile(context, container, "freezer.state")).toBe("THAWED");
      await waitForStatus(context.containerd, container.id, "RUNNING");
    },
  },
  {
    name: "update",
    async check(context) {
      await using container = await start(context);
      using client = await connectTo(context.containerd, container.id);
      const limits = { memory: { limit: 134_217_728 }, pids: { limit: 55 }, cpu: { shares: 77 } };
      const value = Buffer.from(JSON.stringify(limits));
      const resources = {
        typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources",
        value,
      };
      await client.call(TASK, TASK.methods.update, { id: container.id, resources, annotations: {} });
      expect(await cgroupFile(context, container, "memory.limit_in_bytes")).toBe("134217728");
      expect(await cgroupFile(context, container, "pids.max")).toBe("55");
      expect(await cgroupFile(context, container, "cpu.shares")).toBe("77");
    },
  },
  {
    name: "processes and metrics",
    async check(context) {
      await using container = await start(context);
      const { stdout } = await context.containerd.ctr(["task", "ps", container.id]);
      expect(stdout).toContain(String(container.pid));
      const metrics = await context.containerd.ctr(["task", "metrics", container.id]);
      expect(metrics.stdout).toContain("memory.usage_in_bytes");
    },
  },
  {
    name: "hooks",
    async check({ containerd, run }) {
      const log = join(containerd.folder, `hooks-${containerd.nextId()}`);
      const hook = (name: string) => ({
        path: "/bin/sh",
        args: ["sh", "-c", `cat >/dev/null; echo ${name} >>${log}`],
      });
      const { id, flags } = await writeSpec(containerd, await shellFiles(), {
        process: { args: ["/bin/sleep", "0.3"], env: ["PATH=/bin"], terminal: false },
        hooks: Object.fromEntries(HOOKS.map((name) => [name, [hook(name)]])),
      });
      const asked = run({ id, flags });
      const { exitCode, stderr } = await runContainer(containerd, asked);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      const lines = await waitUntil("hooks to run", async () => {
        const text = await readFile(log, "utf8").catch(() => "");
        return text.includes("poststop") ? text.trimEnd().split("\n") : undefined;
      });
      expect(lines).toEqual([...HOOKS]);
      await rm(log);
    },
  },
  {
    name: "a terminal",
    async check(context) {
      const { containerd } = context;
      const id = containerd.nextId();
      const asked = context.run({ ...shell(SIZE), id, flags: ["--rm", "-t"] });
      const inner = containerd.ctrCommand([
        "run",
        "--runtime",
        `io.containerd.${asked.runtime}.v1`,
        ...(asked.flags ?? []),
        IMAGE,
        id,
        ...(asked.args ?? []),
      ]);
      // script(1) gives ctr the terminal that it wants.
      const quoted = inner.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      const printed = await mustRun(["script", "-qec", `stty rows 33 cols 99; ${quoted}`, "/dev/null"]);
      expect(printed).toContain("33 99");
    },
  },
  {
    name: "WebAssembly, and a native exec beside it",
    async check(context) {
      const hello = await output(context, { image: IMAGE, args: ["/hello.wasm"] });
      expect(hello).toEqual({ stdout: "hello world\n", stderr: "", exitCode: 0 });
      await using container = await start(context, { image: IMAGE, args: ["/sleep.wasm"] });
      const native = await execIn(context.containerd, container, { args: ["echo", "native"] });
      expect(native.stdout).toBe("native\n");
      const wasm = await execIn(context.containerd, container, { args: ["/hello.wasm"] });
      expect(wasm.stdout).toBe("hello world\n");
    },
  },
  {
    name: "checkpoint, and the container runs on",
    async check(context) {
      await using container = await start(context);
      using client = await connectTo(context.containerd, container.id);
      const path = join(context.containerd.folder, `images-${container.id}`);
      await client.call(TASK, TASK.methods.checkpoint, { id: container.id, path, options: undefined });
      expect((await findTask(context.containerd, container.id))?.status).toBe("RUNNING");
    },
  },
  {
    name: "nothing left",
    async check(context) {
      const both = async () => {
        await output(context, shell("true"));
        await output(context, { image: IMAGE, args: ["/no/such/program"] });
        await using container = await start(context);
        await execIn(context.containerd, container, { args: ["true"] });
        await container.kill("--signal", "SIGKILL");
      };
      await both();
      const before = await listPossessions(context.containerd);
      await both();
      await assertNothingLeft(context.containerd, before);
    },
  },
  {
    name: "the daemon killed",
    async check(context) {
      await using container = await start(context);
      using client = await connectTo(context.containerd, container.id);
      const { shimPid } = await client.call(TASK, TASK.methods.connect, { id: container.id });
      process.kill(shimPid, "SIGKILL");
      await waitUntil("containerd to clean up", async () =>
        (await findTask(context.containerd, container.id)) === undefined ? true : undefined,
      );
      await waitUntil("init to end", async () =>
        (await readFile(`/proc/${container.pid}/stat`, "utf8").catch(() => undefined)) === undefined
          ? true
          : undefined,
      );
    },
  },
];

/** Writes the node's options that choose a runtime; answers the flags of ctr. */
export async function optionFlags(
  folder: string,
  options: Record<string, string>,
): Promise<readonly string[]> {
  const path = join(folder, "oci-runtime.toml");
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
  await writeFile(path, lines.join(""));
  return ["--runtime-config-path", path];
}
