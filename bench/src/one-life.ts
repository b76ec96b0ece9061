// SPDX-License-Identifier: Apache-2.0
// Lives of one container, one after the other, as JSON: `one-life.ts <shim> native|wasm <folder>`. Run by phases.ts.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { TaskV2Definition } from "@runwasi/containerd-api";
import { DIST } from "@runwasi/e2e";
import { isObject } from "@runwasi/oci";
import { testModule } from "@runwasi/test-modules";
import { connect, type TtrpcClient } from "@runwasi/ttrpc";

export const PHASES = [
  "start command",
  "daemon answers",
  "Create",
  "Start",
  "exit",
  "Delete",
  "delete command",
] as const;
export type PhaseTimes = Record<(typeof PHASES)[number], number>;

const ROUNDS = 21;
const { methods } = TaskV2Definition;
/** What a shim gets from a containerd that systemd has started, and not npm's sixty variables: the script looks at each. */
const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  LANG: "C.UTF-8",
  INVOCATION_ID: "0123456789abcdef0123456789abcdef",
  JOURNAL_STREAM: "8:12345",
  SYSTEMD_EXEC_PID: "1",
  NOTIFY_SOCKET: "/run/systemd/notify",
  MEMORY_PRESSURE_WATCH: "/sys/fs/cgroup/system.slice/containerd.service/memory.pressure",
  MAX_SHIM_VERSION: "2",
  NAMESPACE: "bench",
  GRPC_ADDRESS: "/none",
};
const NO_STDIO = { stdin: "", stdout: "", stderr: "", terminal: false };

export function isPhaseTimes(value: unknown): value is PhaseTimes {
  return isObject(value) && PHASES.every((phase) => typeof value[phase] === "number");
}

class Stopwatch {
  readonly times: Partial<PhaseTimes> = {};
  #startedAt = performance.now();

  lap(phase: keyof PhaseTimes): void {
    const now = performance.now();
    this.times[phase] = now - this.#startedAt;
    this.#startedAt = performance.now();
  }
}

interface Subject {
  readonly shim: string;
  readonly bundle: string;
  readonly id: string;
}

async function live({ shim, bundle, id }: Subject): Promise<Partial<PhaseTimes>> {
  const flags = ["-namespace", "bench", "-address", "/none", "-publish-binary", "/bin/true", "-id", id];
  const command = (...action: string[]) =>
    Bun.spawnSync([join(DIST, `containerd-shim-${shim}-v1`), ...flags, ...action], {
      cwd: bundle,
      stdin: "ignore",
      env: ENVIRONMENT,
    });
  const watch = new Stopwatch();
  const { stdout } = command("start");
  watch.lap("start command");
  using client = await connect({ path: stdout.toString().replace("unix://", ""), timeoutMs: 5_000 });
  await client.call(TaskV2Definition, methods.connect, { id });
  watch.lap("daemon answers");
  await drive(client, { shim, bundle, id }, watch);
  // Where containerd 1.6 waits for it: the daemon is there still.
  command("-bundle", bundle, "delete");
  watch.lap("delete command");
  await client.call(TaskV2Definition, methods.shutdown, { id, now: false });
  await client.closed;
  return watch.times;
}

async function drive(client: TtrpcClient, { bundle, id }: Subject, watch: Stopwatch): Promise<void> {
  const created = {
    id,
    bundle,
    rootfs: [],
    ...NO_STDIO,
    checkpoint: "",
    parentCheckpoint: "",
    options: undefined,
  };
  await client.call(TaskV2Definition, methods.create, created);
  watch.lap("Create");
  await client.call(TaskV2Definition, methods.start, { id, execId: "" });
  watch.lap("Start");
  await client.call(TaskV2Definition, methods.wait, { id, execId: "" });
  watch.lap("exit");
  await client.call(TaskV2Definition, methods.delete, { id, execId: "" });
  watch.lap("Delete");
}

async function writeBundle(bundle: string, args: readonly string[]): Promise<void> {
  mkdirSync(join(bundle, "rootfs/bin"), { recursive: true });
  cpSync("/usr/bin/busybox", join(bundle, "rootfs/bin/echo"));
  writeFileSync(join(bundle, "rootfs/hello.wasm"), await testModule("hello"));
  await $`runc spec`.cwd(bundle).quiet();
  const spec: unknown = await Bun.file(join(bundle, "config.json")).json();
  if (!isObject(spec) || !isObject(spec["process"])) throw new Error("runc wrote no spec");
  writeFileSync(
    join(bundle, "config.json"),
    JSON.stringify({ ...spec, process: { ...spec["process"], args, terminal: false } }),
  );
}

if (import.meta.main) {
  const [shim = "", workload = "", folder = ""] = process.argv.slice(2);
  const args = workload === "wasm" ? ["/hello.wasm"] : ["/bin/echo", "hello"];
  const lives: Partial<PhaseTimes>[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const id = `${workload}${round}`;
    const bundle = join(folder, "state/io.containerd.runtime.v2.task/bench", id);
    await writeBundle(bundle, args);
    const times = await live({ shim, bundle, id });
    if (round > 0) lives.push(times); // the first warms the caches
    rmSync(bundle, { recursive: true, force: true });
  }
  process.stdout.write(JSON.stringify(lives));
}
