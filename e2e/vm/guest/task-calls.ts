// SPDX-License-Identifier: Apache-2.0
import { unpackAny } from "@runwasi/containerd-api";
import { Metrics } from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import type { TtrpcClient } from "@runwasi/ttrpc";
import { TASK } from "../../src/harness/task-client.ts";

/** The statistics of a container, in containerd's message for cgroup v2. */
export async function readStats(client: TtrpcClient, id: string): Promise<Metrics> {
  const { stats } = await client.call(TASK, TASK.methods.stats, { id });
  const metrics = stats && unpackAny(stats, "io.containerd.cgroups.v2.Metrics", Metrics);
  if (metrics === undefined) throw new Error(`stats of "${id}" are of type ${stats?.typeUrl}`);
  return metrics;
}

/** Calls Update with `linux.resources` of the OCI runtime specification. */
export async function updateResources(client: TtrpcClient, id: string, resources: object): Promise<void> {
  await client.call(TASK, TASK.methods.update, {
    id,
    annotations: {},
    resources: {
      typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources",
      value: Buffer.from(JSON.stringify(resources)),
    },
  });
}
