// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import type { ContainerdVersion } from "../../../scripts/toolchain/containerd.ts";

/** Plugins that need what a test machine lacks (CNI, block devices, NRI's /run/nri), or that take time to start. */
const DISABLED: Record<ContainerdVersion, readonly string[]> = {
  "1.6": [
    "io.containerd.grpc.v1.cri",
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.tracing.processor.v1.otlp",
  ],
  "1.7.29": [
    "io.containerd.grpc.v1.cri",
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.nri.v1.nri",
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.blockfile",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.tracing.processor.v1.otlp",
  ],
  "2.4.2": [
    "io.containerd.cri.v1.images",
    "io.containerd.cri.v1.runtime",
    "io.containerd.grpc.v1.cri",
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.nri.v1.nri",
    "io.containerd.podsandbox.controller.v1.podsandbox",
    "io.containerd.snapshotter.v1.blockfile",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.erofs",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.tracing.processor.v1.otlp",
  ],
};

const CONFIG_VERSION: Record<ContainerdVersion, number> = { "1.6": 2, "1.7.29": 2, "2.4.2": 3 };

/** What to add to the smallest configuration. */
export interface ConfigAdditions {
  readonly debug: boolean;
  /** Tables that configure the CRI plugin, without which it is disabled. */
  readonly cri: readonly string[] | undefined;
}

/** The config.toml of a containerd that keeps everything below `folder`. */
export function containerdConfig(
  version: ContainerdVersion,
  folder: string,
  { debug, cri }: ConfigAdditions,
): string {
  const socket = join(folder, "containerd.sock");
  const disabled = DISABLED[version].filter((plugin) => cri === undefined || !isOfCri(plugin));
  return [
    `version = ${CONFIG_VERSION[version]}`,
    `root = ${JSON.stringify(join(folder, "root"))}`,
    `state = ${JSON.stringify(join(folder, "state"))}`,
    `disabled_plugins = ${JSON.stringify(disabled)}`,
    ...(debug ? ["[debug]", 'level = "debug"'] : []),
    "[grpc]",
    `address = ${JSON.stringify(socket)}`,
    "[ttrpc]",
    `address = ${JSON.stringify(`${socket}.ttrpc`)}`,
    ...(cri ?? []),
    "",
  ].join("\n");
}

function isOfCri(plugin: string): boolean {
  return plugin.includes(".cri.") || plugin.includes(".grpc.v1.cri") || plugin.includes("podsandbox");
}
