// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import {
  createTemporaryFolder,
  type TemporaryFolder,
} from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { bundleAt } from "../bundle.ts";
import type { ClaimedChild, ExitStatus } from "../daemon/reaper.ts";
import type { Instance } from "../instance.ts";
import { parseRuntimeOptions } from "../runtime-options.ts";
import { createRecordingLog } from "../testing/recording-log.ts";
import { rejection } from "../testing/rejection.ts";
import { ociInstances } from "./oci-instance.ts";
import { runAsItCame, type DecideWorkload } from "./workload.ts";

/** A runtime that notes its verbs; `create` writes the pid of a process that lives as long as the test. */
const FAKE_RUNTIME = (folder: string) => `
d='${folder}'
[ "$1" = --version ] && { echo "spec: 1.0.2"; exit 0; }
root=$2 log=$4
shift 6
echo "$@" >> "$d/calls"
[ -e "$d/fail-$1" ] && { echo '{"level":"error","msg":"'"$(cat "$d/fail-$1")"'"}' >> "$log"; exit 1; }
[ "$1" = create ] && [ -e "$d/die-half-way" ] && { mkdir "$root/one"; kill -KILL $$; }
[ "$1" = create ] && [ ! -e "$d/no-pid" ] && echo $PPID > "$5"
[ "$1" = restore ] && { while [ -e "$d/hold-restore" ]; do sleep 0.01; done; echo $PPID > "$6"; }
[ "$1" = exec ] && { cp "$4" "$d/executed"; echo $PPID > "$6"; }
[ "$1" = update ] && cp "$3" "$d/resources"
exit 0`;

function openContainer(folder: TemporaryFolder, spec: object, decide: DecideWorkload = runAsItCame) {
  writeFileSync(join(folder.path, "config.json"), JSON.stringify(spec));
  const runtime = folder.script("runtime", FAKE_RUNTIME(folder.path));
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  const sent: number[] = [];
  let ended = false;
  const claim = (pid: number): ClaimedChild => ({
    pid,
    exited: promise,
    signal: (signal) => !ended && sent.push(signal) > 0,
  });
  const watching: string[] = [];
  return {
    sent,
    watching,
    calls: () =>
      readFileSync(join(folder.path, "calls"), "utf8")
        .trim()
        .split("\n")
        .map((line) =>
          line
            .split(" ")
            .filter((word) => !word.startsWith("/"))
            .join(" "),
        ),
    end(status: number) {
      ended = true;
      resolve({ pid: process.pid, status, exitedAtMs: 0 });
    },
    create: (checkpoint?: string): Promise<Instance> =>
      ociInstances(decide)(
        {
          checkpoint,
          id: "one",
          namespace: "default",
          bundle: bundleAt(folder.path),
          log: createRecordingLog(),
          options: { ...parseRuntimeOptions(undefined), binaryName: runtime, root: folder.path },
          stdio: {
            child: ["ignore", "ignore", "ignore"],
            handedOver: () => {},
            closeStdin: () => {},
            [Symbol.asyncDispose]: () => Promise.resolve(),
          },
        },
        {
          reaper: {
            watch: () => {
              watching.push("open");
              return { claim, [Symbol.dispose]: () => void watching.push("closed") };
            },
            spawn: Bun.spawn,
            [Symbol.dispose]: () => {},
          },
          spawn: Bun.spawn,
          stateDir: folder.path,
          containerdAddress: "/nonexistent/containerd.sock",
        },
      ),
  };
}

const SPEC = {
  ociVersion: "1.2.1",
  process: { cwd: "/", args: ["/bin/true"] },
  linux: { namespaces: [{ type: "pid" }], future: 1 },
};
const WASM: DecideWorkload = async () => ({
  description: "wasm",
  signals: { kind: "terminate", map: new Map() },
});

test("create lowers the spec's version, starts the runtime under a watch and claims the pid it wrote", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  expect(instance.pid).toBe(process.pid);
  expect(container.watching).toEqual(["open", "closed"]);
  expect(JSON.parse(readFileSync(join(folder.path, "config.json"), "utf8"))).toEqual({
    ...SPEC,
    ociVersion: "1.0.2",
  });
});

test("a spec that needs no change is left as containerd wrote it", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, { ...SPEC, ociVersion: "1.0.0" });
  const before = readFileSync(join(folder.path, "config.json"), "utf8");
  writeFileSync(join(folder.path, "config.json"), `${before}\n`);
  await container.create();
  expect(readFileSync(join(folder.path, "config.json"), "utf8")).toBe(`${before}\n`);
});

test.each([
  { ociVersion: "1.0.0" },
  { ociVersion: "1.0.0", process: null },
  { ociVersion: "1.0.0", process: { cwd: "/" } },
  { ociVersion: "1.0.0", process: { cwd: "/", args: null } },
  { ociVersion: "1.0.0", process: { cwd: "/", args: [] } },
])("a spec without a program is InvalidArgument (%#)", async (spec) => {
  using folder = createTemporaryFolder();
  const error = await rejection(() => openContainer(folder, spec).create());
  expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("process.args") });
});

test("a create that fails closes its watch and has the runtime's words", async () => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "fail-create"), "container does not exist, says an image");
  const container = openContainer(folder, SPEC);
  const error = await rejection(() => container.create());
  expect(error).toMatchObject({ code: "Unknown", message: expect.stringContaining("says an image") });
  expect(container.watching).toEqual(["open", "closed"]);
});

test("a runtime that writes no pid is cleaned up after and named", async () => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "no-pid"), "");
  const container = openContainer(folder, SPEC);
  expect((await rejection(() => container.create())).code).toBe("Internal");
  expect(container.calls().at(-1)).toBe("delete --force one");
});

test("the runtime deletes at init's exit, and once: delete() waits for that", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  await instance.start();
  container.end(0);
  await instance.exited;
  await instance.delete();
  expect(container.calls().slice(1)).toEqual(["start one", "delete --force one"]);
});

test("a delete that failed is tried again by the next", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  const flag = join(folder.path, "fail-delete");
  writeFileSync(flag, "cgroup is busy");
  container.end(0);
  await instance.exited;
  expect((await rejection(() => instance.delete())).code).toBe("Unknown");
  await Bun.file(flag).delete();
  await instance.delete();
});

test.each([
  [[{ type: "pid" }], false],
  [[{ type: "pid", path: "" }], false],
  [[{ type: "pid", path: "/proc/1/ns/pid" }], true],
  [[{ type: "network" }], true],
])("namespaces %j: what is left is killed at init's exit: %p", async (namespaces, kills) => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, { ...SPEC, linux: { namespaces } });
  const instance = await container.create();
  container.end(0);
  await instance.exited;
  await instance.delete();
  expect(container.calls().includes("kill --all one 9")).toBe(kills);
});

test("kill of a native container: init alone by signal, all by the runtime", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  await instance.kill(15, false);
  await instance.kill(9, true);
  expect(container.sent).toEqual([15]);
  expect(container.calls().slice(1)).toEqual(["kill --all one 9"]);
  container.end(137);
  expect((await rejection(() => instance.kill(15, false))).code).toBe("NotFound");
});

test("kill --all of a Wasm container reaches init in its own way too", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC, WASM);
  const instance = await container.create();
  await instance.kill(15, true);
  expect(container.calls().slice(1)).toEqual(["kill --all one 15"]);
  expect(container.sent).toEqual([15]);
});

test("a start that ends before the exec of a doubtful program fails with the doubt", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC, async () => ({
    description: "unknown",
    signals: { kind: "as-sent" },
    doubt: "/x is a directory",
  }));
  const instance = await container.create();
  container.end(1);
  const error = await rejection(() => instance.start());
  expect(error.code).toBe("FailedPrecondition");
  expect(error.message).toContain("/x is a directory");
});

test("a create that dies half-way is deleted, one whose id another container has is not", async () => {
  using halfWay = createTemporaryFolder();
  writeFileSync(join(halfWay.path, "die-half-way"), "");
  const container = openContainer(halfWay, { ociVersion: "1.0.2", process: { cwd: "/", args: ["/x"] } });
  expect(await rejection(container.create)).toMatchObject({ code: "Unknown" });
  expect(container.calls().map((call) => call.split(" ")[0])).toEqual(["create", "delete"]);

  using taken = createTemporaryFolder();
  writeFileSync(join(taken.path, "fail-create"), "container one already exists");
  mkdirSync(join(taken.path, "default", "one"), { recursive: true });
  const second = openContainer(taken, { ociVersion: "1.0.2", process: { cwd: "/", args: ["/x"] } });
  expect(await rejection(second.create)).toMatchObject({ code: "Unknown" });
  expect(second.calls().map((call) => call.split(" ")[0])).toEqual(["create"]);
});

const EXEC_STDIO = {
  child: ["ignore", "ignore", "ignore"] as ["ignore", "ignore", "ignore"],
  handedOver: () => {},
  closeStdin: () => {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
const EXEC = { process: { cwd: "/", args: ["/bin/sh"], env: ["SECRET=1"] }, stdio: EXEC_STDIO };

test("exec runs the process under a watch, leaves no file of it and signals it by pid", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  const executed = await instance.exec?.(EXEC);
  expect(executed?.pid).toBe(process.pid);
  expect(JSON.parse(readFileSync(join(folder.path, "executed"), "utf8"))).toEqual(EXEC.process);
  expect(container.calls().at(-1)).toBe("exec --detach --process --pid-file one");
  expect(container.watching).toEqual(["open", "closed", "open", "closed"]);
  executed?.kill(15);
  expect(container.sent).toEqual([15]);
  expect(readdirSync(folder.path).filter((name) => name.startsWith("exec-"))).toEqual([]);
});

test("what an exec runs is the workload's to decide, and its doubt explains a failure", async () => {
  using folder = createTemporaryFolder();
  const decide: DecideWorkload = async () => ({
    description: "",
    signals: { kind: "as-sent" },
    exec: async (process, spec) => ({
      process: { ...process, args: ["/engine", ...(process.args ?? []), spec.ociVersion] },
      signals: { kind: "as-sent" },
      doubt: "it is something else",
    }),
  });
  const container = openContainer(folder, SPEC, decide);
  const instance = await container.create();
  await instance.exec?.(EXEC);
  const executed = JSON.parse(readFileSync(join(folder.path, "executed"), "utf8"));
  expect(executed.args).toEqual(["/engine", "/bin/sh", "1.0.2"]);
  writeFileSync(join(folder.path, "fail-exec"), "container does not exist");
  const error = await rejection(() => instance.exec?.(EXEC));
  expect(error.code).toBe("Unknown");
  expect(error.message).toStartWith('cannot run "/bin/sh": runtime exec: ');
  expect(error.message).toEndWith("(it is something else)");
  expect(readdirSync(folder.path).filter((name) => name.startsWith("exec-"))).toEqual([]);
});

test("pause, resume and update are the runtime's, with its reason", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create();
  await instance.pause?.();
  await instance.resume?.();
  await instance.update?.('{"pids":{"limit":5}}');
  expect(container.calls().slice(-3)).toEqual(["pause one", "resume one", "update --resources one"]);
  expect(readFileSync(join(folder.path, "resources"), "utf8")).toBe('{"pids":{"limit":5}}');
  writeFileSync(
    join(folder.path, "fail-update"),
    "writing file `memory.limit_in_bytes`: Device or resource busy",
  );
  const error = await rejection(() => instance.update?.("{}"));
  expect(error).toMatchObject({
    code: "Unknown",
    message: expect.stringContaining("Device or resource busy"),
  });
  expect(readdirSync(folder.path).filter((name) => name.startsWith("update-"))).toEqual([]);
});

test("a container to be restored begins with its start, by the runtime's restore", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create(folder.path);
  expect([instance.pid, instance.pids?.()]).toEqual([0, []]);
  for (const call of [() => instance.kill(15, false), () => instance.stats?.()]) {
    expect((await rejection(async () => call())).code).toBe("FailedPrecondition");
  }
  await instance.start();
  expect(instance.pid).toBe(process.pid);
  expect(container.calls().at(-1)).toStartWith("restore --detach --bundle --pid-file");
  await instance.kill(15, false);
  expect(container.sent).toEqual([15]);
  container.end(143);
  expect((await instance.exited).status).toBe(143);
});

test("one that is never restored ends with SIGKILL, and needs no runtime for it", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create(folder.path);
  await instance.kill(9, false);
  expect(await instance.exited).toMatchObject({ pid: 0, status: 137 });
  await instance.delete();
  expect(() => container.calls()).toThrow(); // there were none
});

test("SIGKILL during the restore waits for what there is to kill", async () => {
  using folder = createTemporaryFolder();
  const container = openContainer(folder, SPEC);
  const instance = await container.create(folder.path);
  const hold = join(folder.path, "hold-restore");
  writeFileSync(hold, "");
  const started = instance.start();
  const killed = instance.kill(9, false);
  rmSync(hold);
  await Promise.all([started, killed]);
  expect(container.sent).toEqual([9]);
  expect(instance.pid).toBe(process.pid);
});

test("a restore that fails says why and can be tried again", async () => {
  using folder = createTemporaryFolder();
  const instance = await openContainer(folder, SPEC).create(folder.path);
  writeFileSync(join(folder.path, "fail-restore"), "CRIU says no");
  expect(await rejection(() => instance.start())).toMatchObject({
    code: "Unknown",
    message: expect.stringContaining("CRIU says no"),
  });
  rmSync(join(folder.path, "fail-restore"));
  await instance.start();
  expect(instance.pid).toBe(process.pid);
});

test("what cannot be checkpointed cannot be restored, either", async () => {
  using folder = createTemporaryFolder();
  const stubborn: DecideWorkload = async () => ({
    description: "x",
    signals: { kind: "as-sent" },
    noCheckpoint: "it is of stone",
  });
  const error = await rejection(() => openContainer(folder, SPEC, stubborn).create(folder.path));
  expect(error).toMatchObject({ code: "Unimplemented", message: expect.stringContaining("of stone") });
});
