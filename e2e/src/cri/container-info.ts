// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listCgroups } from "../harness/cgroups.ts";
import { RUNTIME } from "./cri-client.ts";
import type { CriNode } from "./cri-node.ts";

/** The pid of a pod's or a container's init, which CRI tells only to who asks for everything. */
export async function pidOf({ cri }: CriNode, id: string): Promise<number> {
  const { containers } = await cri.runtime(RUNTIME.listContainers, { filter: { id } });
  const { info } =
    containers.length === 0
      ? await cri.runtime(RUNTIME.podSandboxStatus, { podSandboxId: id, verbose: true })
      : await cri.runtime(RUNTIME.containerStatus, { containerId: id, verbose: true });
  const parsed: unknown = JSON.parse(info["info"] ?? "{}");
  if (typeof parsed === "object" && parsed !== null && "pid" in parsed) return Number(parsed.pid);
  throw new Error(`CRI tells no pid of ${id}`);
}

/** The first number in a file of a container's cgroup, by its name in v1 and in v2. */
export async function cgroupValue(id: string, v1: string, v2: string): Promise<number> {
  const folders = await listCgroups(id);
  const paths = folders.flatMap((folder) => [join(folder, v1), join(folder, v2)]);
  for (const path of paths) {
    const content = await readFile(path, "utf8").catch(() => undefined);
    if (content !== undefined) return Number.parseInt(content, 10);
  }
  throw new Error(`container ${id} has no ${v1} or ${v2}`);
}
