// SPDX-License-Identifier: Apache-2.0
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "../harness/command.ts";
import { listPossessions, type Possessions } from "../harness/leftovers.ts";
import { libFolderOf } from "../harness/mount-namespace.ts";
import type { CriNode } from "./cri-node.ts";

/** What pods may leave behind on a node. */
export interface NodePossessions {
  /** What any container may. */
  readonly possessions: Possessions;
  /** Interfaces, given addresses, and the folders that CRI keeps of pods and containers. */
  readonly network: readonly string[];
}

export async function listNodePossessions({ containerd, network }: CriNode): Promise<NodePossessions> {
  const { folder } = containerd;
  const links = await mustRun(network.enter(["ip", "-oneline", "link"]));
  const interfaces = links.split("\n").map((line) => line.split(": ")[1]?.replace(/@.*/, "") ?? "");
  const folders = [
    join(libFolderOf(folder), "cni/networks/pods"),
    ...["root", "state"].flatMap((kind) =>
      ["sandboxes", "containers"].map((name) => join(folder, kind, "io.containerd.grpc.v1.cri", name)),
    ),
  ];
  const lists = await Promise.all(
    folders.map(async (path) => (await readdir(path)).map((name) => join(path, name))),
  );
  // host-local writes down which address it gave away last.
  const files = lists.flat().filter((path) => !path.includes("last_reserved_ip"));
  return { possessions: await listPossessions(containerd), network: [...interfaces, ...files].sort() };
}
