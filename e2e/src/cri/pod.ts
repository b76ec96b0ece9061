// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ContainerState,
  NamespaceMode,
  type ContainerConfig,
  type ContainerStatus,
  type DeepPartial,
  type PodSandboxConfig,
  type PodSandboxStatus,
} from "../../gen/cri.ts";
import { removeCgroups } from "../harness/remains.ts";
import { waitUntil } from "../harness/wait-until.ts";
import { RUNTIME } from "./cri-client.ts";
import type { CriNode } from "./cri-node.ts";

/** What `ContainerConfig` wants in any case. */
export interface ContainerSetting extends Omit<DeepPartial<ContainerConfig>, "metadata" | "image"> {
  readonly name: string;
  readonly image: string;
  readonly attempt?: number;
}

interface ExecAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface LogLine {
  readonly stream: string;
  /** P for a part of a line, F for its end. */
  readonly tag: string;
  readonly text: string;
}

export interface PodContainer {
  readonly id: string;
  status(): Promise<ContainerStatus>;
  /** Waits until it has exited, and answers its last status. */
  exited(): Promise<ContainerStatus>;
  execSync(cmd: readonly string[], timeoutS?: number): Promise<ExecAnswer>;
  stop(graceS: number): Promise<void>;
  remove(): Promise<void>;
  /** What CRI has written of its output so far. */
  log(): Promise<readonly LogLine[]>;
  /** Waits until its log holds a line. */
  printed(text: string): Promise<void>;
}

/** A pod; disposing stops and removes it as the kubelet does. */
export interface Pod extends AsyncDisposable {
  readonly id: string;
  readonly config: PodConfig;
  status(): Promise<PodSandboxStatus>;
  ip(): Promise<string>;
  create(setting: ContainerSetting): Promise<PodContainer>;
  /** Creates a container and starts it. */
  start(setting: ContainerSetting): Promise<PodContainer>;
  stop(): Promise<void>;
  /** Stops it, too, where it runs. */
  remove(): Promise<void>;
}

type PodConfig = DeepPartial<PodSandboxConfig>;

/** Of the kubelet: only what shares the host's or the pod's asks for it. */
const OWN_PIDS = { namespaceOptions: { pid: NamespaceMode.CONTAINER } };

/** Runs a pod's sandbox under a runtime; the caller disposes. */
export async function runPod(node: CriNode, handler: string, setting: PodConfig = {}): Promise<Pod> {
  const uid = crypto.randomUUID();
  const cgroup = `pod${uid}`;
  const config: PodConfig = {
    hostname: `host-${uid.slice(0, 8)}`,
    logDirectory: join(node.containerd.folder, "logs", uid),
    ...setting,
    metadata: { name: `pod-${uid.slice(0, 8)}`, namespace: "default", uid, attempt: 0 },
    linux: {
      cgroupParent: `/${node.containerd.cgroup}/${cgroup}`,
      securityContext: OWN_PIDS,
      ...setting.linux,
    },
  };
  await mkdir(config.logDirectory ?? "", { recursive: true });
  const request = { config, runtimeHandler: handler };
  const { podSandboxId: id } = await node.cri.runtime(RUNTIME.runPodSandbox, request);
  return podOf(node, id, config, cgroup);
}

function podOf(node: CriNode, id: string, config: PodConfig, cgroup: string): Pod {
  const { runtime } = node.cri;
  const status = async () => {
    const answer = await runtime(RUNTIME.podSandboxStatus, { podSandboxId: id });
    return present(answer.status, `status of pod ${id}`);
  };
  const create = (setting: ContainerSetting) => createContainer(node, id, config, setting);
  const remove = async () => {
    await runtime(RUNTIME.stopPodSandbox, { podSandboxId: id });
    await runtime(RUNTIME.removePodSandbox, { podSandboxId: id });
    // The pod's own is the kubelet's to remove.
    await removeCgroups(cgroup);
  };
  return {
    id,
    config,
    status,
    ip: async () => present((await status()).network?.ip, `address of pod ${id}`),
    create,
    async start(setting) {
      const container = await create(setting);
      await runtime(RUNTIME.startContainer, { containerId: container.id });
      return container;
    },
    stop: async () => void (await runtime(RUNTIME.stopPodSandbox, { podSandboxId: id })),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

async function createContainer(
  node: CriNode,
  podSandboxId: string,
  sandboxConfig: PodConfig,
  { name, image, attempt = 0, ...setting }: ContainerSetting,
): Promise<PodContainer> {
  const { runtime } = node.cri;
  const logPath = `${name}_${attempt}.log`;
  const { securityContext, ...linux } = setting.linux ?? {};
  const config = {
    logPath,
    ...setting,
    metadata: { name, attempt },
    image: { image },
    linux: { ...linux, securityContext: { ...OWN_PIDS, ...securityContext } },
  };
  const { containerId } = await runtime(RUNTIME.createContainer, { podSandboxId, config, sandboxConfig });
  const status = async () => {
    const answer = await runtime(RUNTIME.containerStatus, { containerId });
    return present(answer.status, `status of container ${containerId}`);
  };
  const log = () => readLog(join(sandboxConfig.logDirectory ?? "", logPath));
  return {
    id: containerId,
    status,
    log,
    exited: () =>
      waitUntil(`${name} to exit`, async () => {
        const now = await status();
        return now.state === ContainerState.CONTAINER_EXITED ? now : undefined;
      }),
    async execSync(cmd, timeoutS = 30) {
      const request = { containerId, cmd: [...cmd], timeout: BigInt(timeoutS) };
      const { stdout, stderr, exitCode } = await runtime(RUNTIME.execSync, request);
      const decoder = new TextDecoder();
      return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
    },
    async stop(graceS) {
      await runtime(RUNTIME.stopContainer, { containerId, timeout: BigInt(graceS) });
    },
    async remove() {
      await runtime(RUNTIME.removeContainer, { containerId });
    },
    async printed(text) {
      await waitUntil(`${name} to print ${text}`, async () =>
        (await log()).some((line) => line.text === text) ? true : undefined,
      );
    },
  };
}

/** `2026-01-31T10:00:00.000000000Z stdout F text`: the kubelet's documentation of container logs. */
async function readLog(path: string): Promise<readonly LogLine[]> {
  const written = await readFile(path, "utf8").catch(() => "");
  return written
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const match = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (stdout|stderr) ([PF]) (.*)$/s.exec(line);
      if (match === null) throw new Error(`not a line of a CRI log: ${line}`);
      const [, stream = "", tag = "", text = ""] = match;
      return { stream, tag, text };
    });
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`CRI answers no ${what}`);
  return value;
}
