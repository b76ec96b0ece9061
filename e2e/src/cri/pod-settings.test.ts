// SPDX-License-Identifier: Apache-2.0
// What a pod's specification asks for, as the kubelet hands it to CRI, seen from a Wasm container and a native one.
import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SecurityProfile_ProfileType } from "../../gen/cri.ts";
import { readStatusField } from "../harness/processes.ts";
import { cgroupValue, pidOf } from "./container-info.ts";
import { RUNTIME } from "./cri-client.ts";
import { wasmOnly } from "./cri-config.ts";
import { runPod, type Pod, type PodContainer } from "./pod.ts";
import { forEachPodShim } from "./shared-node.ts";

const MIB = 1024 * 1024;
const HOSTS = "# as the kubelet makes it\n127.0.0.1\tlocalhost\n10.1.2.3\tdatabase\n";
const HARDENED = {
  runAsUser: { value: 1000n },
  runAsGroup: { value: 1000n },
  readonlyRootfs: true,
  noNewPrivs: true,
  capabilities: { dropCapabilities: ["ALL"], addCapabilities: ["NET_BIND_SERVICE"] },
  seccomp: { profileType: SecurityProfile_ProfileType.RuntimeDefault },
};
/** CAP_NET_BIND_SERVICE is number 10. */
const NET_BIND_SERVICE = "0000000000000400";
const FILTERED = "2";

forEachPodShim(({ handler, node, containers }) => {
  /** A file of the node that the kubelet would mount. */
  async function fileOfNode(pod: Pod, name: string, content: string): Promise<string> {
    const path = join(node().containerd.folder, "kubelet", pod.id, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  const linesOf = async (container: PodContainer) => (await container.log()).map(({ text }) => text);

  test("a volume is shared by the containers of a pod, and what one may not write it cannot", async () => {
    await using pod = await runPod(node(), handler);
    const hostPath = dirname(await fileOfNode(pod, "volume/from-node", "of the node\n"));
    const volume = { hostPath, containerPath: "/data" };
    const writer = containers.wasm("writefile", { name: "writer", args: ["/data/note", "of the guest"] });
    expect((await (await pod.start({ ...writer, mounts: [volume] })).exited()).exitCode).toBe(0);

    const sidecar = await pod.start(containers.shell("sleep 1000", { mounts: [volume] }));
    expect((await sidecar.execSync(["cat", "/data/note", "/data/from-node"])).stdout).toBe(
      "of the guestof the node\n",
    );
    await sidecar.execSync(["sh", "-c", "echo of the sidecar > /data/answer"]);
    const reader = containers.wasm("readfile", { name: "reader", args: ["/data/answer"], mounts: [volume] });
    const read = await pod.start(reader);
    await read.exited();
    expect(await linesOf(read)).toEqual(["of the sidecar"]);

    const readonly = [{ ...volume, readonly: true }];
    const denied = { name: "denied", args: ["/data/none", "x"], mounts: readonly };
    expect((await (await pod.start(containers.wasm("writefile", denied))).exited()).exitCode).toBe(1);
  });

  test("environment, hostname, /etc/hosts and /etc/resolv.conf are the pod's", async () => {
    const dnsConfig = {
      servers: ["10.96.0.10"],
      searches: ["default.svc.cluster.local"],
      options: ["ndots:5"],
    };
    await using pod = await runPod(node(), handler, { hostname: "web-0", dnsConfig });
    const hosts = await fileOfNode(pod, "etc-hosts", HOSTS);
    const mounts = [{ hostPath: hosts, containerPath: "/etc/hosts" }];
    const envs = [
      { key: "GREETING", value: "hello = world" },
      { key: "LD_PRELOAD", value: "/none" },
    ];
    const files = ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];
    const expected = [
      "web-0",
      ...HOSTS.trimEnd().split("\n"),
      "search default.svc.cluster.local",
      "nameserver 10.96.0.10",
      "options ndots:5",
    ];

    const wasmEnv = await pod.start(containers.wasm("env", { name: "env", envs }));
    await wasmEnv.exited();
    expect(await linesOf(wasmEnv)).toEqual(
      expect.arrayContaining(["GREETING=hello = world", "LD_PRELOAD=/none", "HOSTNAME=web-0"]),
    );
    const wasmFiles = await pod.start(containers.wasm("readfile", { name: "files", args: files, mounts }));
    await wasmFiles.exited();
    expect((await linesOf(wasmFiles)).filter((line) => line !== "")).toEqual(expected);

    const sidecar = await pod.start(containers.shell("sleep 1000", { mounts, envs: envs.slice(0, 1) }));
    const inSidecar = (...cmd: string[]) => sidecar.execSync(cmd).then(({ stdout }) => stdout);
    expect(await inSidecar("sh", "-c", "echo $GREETING on $(hostname)")).toBe("hello = world on web-0\n");
    expect((await inSidecar("cat", ...files)).split("\n").filter((line) => line !== "")).toEqual(expected);
  });

  test("user, capabilities, seccomp, no new privileges and a read-only root hold for both", async () => {
    await using pod = await runPod(node(), handler);
    const linux = { securityContext: HARDENED };
    const app = await pod.start(containers.wasm("sleep", { linux }));
    const sidecar = await pod.start(containers.shell("sleep 1000", { linux }));
    for (const container of [app, sidecar]) {
      const pid = await pidOf(node(), container.id);
      expect(await readStatusField(pid, "Uid")).toBe("1000\t1000\t1000\t1000");
      expect(await readStatusField(pid, "Gid")).toBe("1000\t1000\t1000\t1000");
      expect(await readStatusField(pid, "CapBnd")).toBe(NET_BIND_SERVICE);
      expect(await readStatusField(pid, "NoNewPrivs")).toBe("1");
      expect(await readStatusField(pid, "Seccomp")).toBe(FILTERED);
    }
    const writer = containers.wasm("writefile", { name: "writer", args: ["/tmp/none", "x"], linux });
    expect((await (await pod.start(writer)).exited()).exitCode).toBe(1);
    const touch = await sidecar.execSync(["touch", "/tmp/none"]);
    expect(touch.stderr).toContain("Read-only file system");
  });

  test("an annotation of the pod narrows one guest, and the runtime's options all", async () => {
    const annotations = { "preopens.runwasi.io/narrow": "/tmp" };
    await using pod = await runPod(node(), handler, { annotations });
    const read = (name: string) => containers.wasm("readfile", { name, args: ["/work/note.txt"] });
    expect((await (await pod.start(read("wide"))).exited()).exitCode).toBe(0);
    expect((await (await pod.start(read("narrow"))).exited()).exitCode).toBe(1);

    await using strict = await runPod(node(), wasmOnly(handler));
    expect((await (await strict.start(containers.wasm("hello"))).exited()).exitCode).toBe(0);
    const refused = await strict.start(containers.shell("true")).catch((error: unknown) => error);
    expect(String(refused)).toContain("the node accepts wasm only");
  });

  test("limits are in force, and are changed in place", async () => {
    await using pod = await runPod(node(), handler);
    const resources = {
      cpuPeriod: 100_000n,
      cpuQuota: 50_000n,
      cpuShares: 512n,
      memoryLimitInBytes: BigInt(256 * MIB),
    };
    const app = await pod.start(containers.wasm("sleep", { linux: { resources } }));
    const sidecar = await pod.start(containers.shell("sleep 1000", { linux: { resources } }));
    const inForce = async ({ id }: PodContainer) => ({
      memory: await cgroupValue(id, "memory.limit_in_bytes", "memory.max"),
      cpu: await cgroupValue(id, "cpu.cfs_quota_us", "cpu.max"),
    });
    for (const container of [app, sidecar]) {
      expect(await inForce(container)).toEqual({ memory: 256 * MIB, cpu: 50_000 });
      const before = await pidOf(node(), container.id);
      await node().cri.runtime(RUNTIME.updateContainerResources, {
        containerId: container.id,
        linux: { ...resources, cpuQuota: 20_000n, memoryLimitInBytes: BigInt(384 * MIB) },
      });
      expect(await inForce(container)).toEqual({ memory: 384 * MIB, cpu: 20_000 });
      const { linux } = (await container.status()).resources ?? {};
      expect([linux?.memoryLimitInBytes, linux?.cpuQuota]).toEqual([BigInt(384 * MIB), 20_000n]);
      expect(await pidOf(node(), container.id)).toBe(before);
    }
  });

  test("a guest that takes more memory than its limit is reported as OOMKilled", async () => {
    await using pod = await runPod(node(), handler);
    const linux = { resources: { memoryLimitInBytes: BigInt(192 * MIB) } };
    const app = await pod.start(containers.wasm("grow", { args: ["512"], linux }));
    const { reason, exitCode } = await app.exited();
    expect({ reason, exitCode }).toEqual({ reason: "OOMKilled", exitCode: 137 });
  });
});
