// SPDX-License-Identifier: Apache-2.0
// Cgroups that systemd makes and owns, and containerd as a service of systemd.
import { describe, expect, test } from "bun:test";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "../../src/harness/command.ts";
import { execIn } from "../../src/harness/exec.ts";
import { readProcess } from "../../src/harness/processes.ts";
import { connectTo } from "../../src/harness/task-client.ts";
import { waitForStatus } from "../../src/harness/tasks.ts";
import { waitUntil } from "../../src/harness/wait-until.ts";
import { cgroupOf, machine } from "./machine.ts";
import { startSubject, SUBJECTS } from "./subjects.ts";
import { readStats, updateResources } from "./task-calls.ts";

const MEMORY = 134_217_728;
/** Where Kubernetes puts a pod that asks for nothing. */
export const SLICE = "kubepods-besteffort.slice";
const SLICE_FOLDER = `/sys/fs/cgroup/kubepods.slice/${SLICE}`;

/** A property of a unit, as systemd knows it. */
async function unit(name: string, property: string): Promise<string> {
  return (await mustRun(["systemctl", "show", "--property", property, "--value", name])).trim();
}

const WAYS: readonly { readonly way: string; readonly flags: () => Promise<readonly string[]> }[] = [
  { way: "that its cgroupsPath asks for", flags: async () => [] },
  {
    way: "that the option SystemdCgroup asks for",
    flags: async () => {
      const options = join(machine.folder, "systemd.toml");
      await writeFile(options, "SystemdCgroup = true\n");
      return ["--runtime-config-path", options];
    },
  },
];

describe.each(WAYS.flatMap((way) => SUBJECTS.map((subject) => ({ ...way, ...subject }))))(
  "a $kind container in a scope of systemd, $way",
  ({ flags, ...subject }) => {
    test("is limited, measured, changed and gone by systemd", async () => {
      const name = `${machine.nextId()}-in-slice`;
      const scope = `cri-containerd-${name}.scope`;
      const memory = ["--memory-limit", String(MEMORY)];
      const path = ["--cgroup", `${SLICE}:cri-containerd:${name}`];
      {
        await using container = await startSubject(subject, {
          flags: [...(await flags()), ...path, ...memory],
        });
        const cgroup = await cgroupOf(container.pid);
        expect(cgroup.startsWith(`${SLICE_FOLDER}/${scope}`)).toBe(true);
        expect(await unit(scope, "ActiveState")).toBe("active");
        expect(await unit(scope, "MemoryMax")).toBe(String(MEMORY));
        using client = await connectTo(machine, container.id);
        const stats = await readStats(client, container.id);
        expect(stats.memory?.usageLimit).toBe(BigInt(MEMORY));
        expect(stats.memory?.usage).toBeGreaterThan(50_000n);
        expect(stats.pids?.current).toBeGreaterThan(0n);
        const exec = await execIn(machine, container, { args: ["cat", "/proc/self/cgroup"] });
        expect({ exitCode: exec.exitCode, stderr: exec.stderr }).toEqual({ exitCode: 0, stderr: "" });
        await updateResources(client, container.id, { memory: { limit: 2 * MEMORY }, pids: { limit: 99 } });
        expect(await unit(scope, "MemoryMax")).toBe(String(2 * MEMORY));
        expect((await readFile(join(SLICE_FOLDER, scope, "pids.max"), "utf8")).trim()).toBe("99");
      }
      await waitUntil("the scope to be gone", async () =>
        (await unit(scope, "LoadState")) === "not-found" ? true : undefined,
      );
      expect(await stat(join(SLICE_FOLDER, scope)).catch(() => undefined)).toBeUndefined();
    });
  },
);

describe.each([...SUBJECTS])("a $kind container", (subject) => {
  test("and its shim outlive a restart of containerd's service", async () => {
    await using container = await startSubject(subject);
    const daemon = (await readProcess(container.pid))?.parentPid;
    await machine.start();
    expect((await readProcess(container.pid))?.parentPid).toBe(daemon);
    await waitForStatus(machine, container.id, "RUNNING");
    using client = await connectTo(machine, container.id);
    expect((await readStats(client, container.id)).memory?.usage).toBeGreaterThan(0n);
    await container.kill("--signal", "SIGKILL");
    expect(await container.deleted()).toBe(137);
  });

  test("whose shim is killed takes its scope with it", async () => {
    const name = `${machine.nextId()}-orphan`;
    const scope = `cri-containerd-${name}.scope`;
    await using container = await startSubject(subject, {
      flags: ["--cgroup", `${SLICE}:cri-containerd:${name}`],
    });
    const daemon = (await readProcess(container.pid))?.parentPid ?? 0;
    process.kill(daemon, "SIGKILL");
    await waitUntil("the container to end with its daemon", async () =>
      (await readProcess(container.pid)) === undefined ? true : undefined,
    );
    await waitUntil("the scope to be gone", async () =>
      (await unit(scope, "LoadState")) === "not-found" ? true : undefined,
    );
  });
});
