// SPDX-License-Identifier: Apache-2.0
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeImageLayout } from "@runwasi/oci";
import { criToolsBin } from "../../../scripts/toolchain/cri-tools.ts";
import { runCommand, type CommandOptions, type CommandResult } from "../harness/command.ts";
import { startContainerd, type Containerd, type ContainerdOptions } from "../harness/containerd.ts";
import { ociArchitecture, type TestImage } from "../harness/images.ts";
import type { NetworkNamespace } from "../harness/network-namespace.ts";
import { programFile } from "../harness/programs.ts";
import { startRegistry, type Registry } from "../harness/registry.ts";
import { configureCri, PAUSE_IMAGE, writeRegistryMirror } from "./cri-config.ts";
import { IMAGES, openCri, type CriClient } from "./cri-client.ts";

/** A node as a kubelet finds it: containerd with CRI and a network for pods, and a registry that has every image. */
export interface CriNode extends AsyncDisposable {
  readonly containerd: Containerd;
  readonly cri: CriClient;
  /** The node's own network, where pods are reached and containerd's streaming server is. */
  readonly network: Pick<NetworkNamespace, "enter">;
  /** Puts an image into the registry and pulls it; answers the name that it is known by. */
  pull(image: TestImage): Promise<string>;
  /** Puts an image into the registry, under a name with a tag. */
  publish(image: Omit<TestImage, "name">, name: string): Promise<void>;
  /** What every image comes from, whatever registry its name says. */
  readonly registry: Registry;
  /** Runs crictl(1), whose streams are the kubelet's. */
  crictl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  crictlCommand(args: readonly string[]): string[];
}

/** crictl would warn of a configuration file that is not there on the stderr that tests read. */
export const criEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/bin:/bin",
  CRI_CONFIG_FILE: "/dev/null",
};

/** Where containerd and the shims look for executables, as in `ContainerdOptions`. */
export type CriNodeOptions = Pick<ContainerdOptions, "path">;

/** Starts one; the caller disposes, which ends every pod. */
export async function startCriNode(options: CriNodeOptions = {}): Promise<CriNode> {
  await using undo = new AsyncDisposableStack();
  const containerd = undo.use(await startContainerd({ version: "2.4.2", cri: configureCri, ...options }));
  const { folder, mounts } = containerd;
  const network = networkOf(containerd);
  const registry = undo.use(await startRegistry(network));
  await writeRegistryMirror(folder, registry.host);
  const socket = join(folder, "containerd.sock");
  const cri = undo.use(openCri(socket));
  const publish: CriNode["publish"] = (image, name) => publishImage(folder, registry, image, name);
  await publish(pauseImage([await programFile("pause", "pause")]), PAUSE_IMAGE);
  const crictlCommand = (args: readonly string[]) =>
    mounts.enter([join(criToolsBin, "crictl"), "--runtime-endpoint", `unix://${socket}`, ...args]);
  const owned = undo.move();
  return {
    containerd,
    cri,
    network,
    publish,
    registry,
    async pull(image) {
      const name = `registry.test/${image.name}:1.0`;
      await publish(image, name);
      await cri.images(IMAGES.pullImage, { image: { image: name } });
      return name;
    },
    crictlCommand,
    crictl: (args, options) => runCommand(crictlCommand(args), { env: criEnvironment, ...options }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Only the network: a registry must not be taken for one of containerd's processes. */
function networkOf({ mounts }: Containerd): CriNode["network"] {
  const enter = ["nsenter", `--net=/proc/${mounts.holderPid}/ns/net`, "--"];
  return { enter: (argv) => [...enter, "setpriv", "--pdeathsig", "KILL", ...argv] };
}

const LAYOUT_TAG = "layout";

async function publishImage(
  folder: string,
  registry: Registry,
  { process, layers }: Omit<TestImage, "name">,
  name: string,
): Promise<void> {
  const platform = { os: "linux", architecture: ociArchitecture() };
  const archive = join(folder, `push-${crypto.randomUUID()}.tar`);
  await writeFile(archive, encodeImageLayout([{ name: LAYOUT_TAG, platform, config: process, layers }]));
  await registry.push(archive, LAYOUT_TAG, name.slice(name.indexOf("/") + 1));
  await rm(archive);
}

function pauseImage(program: TestImage["layers"][number]): Omit<TestImage, "name"> {
  return { process: { entrypoint: ["/pause"] }, layers: [program] };
}
