// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { Metrics as V1Metrics } from "@runwasi/containerd-api/gen/cgroups/cgroup1/stats/metrics.ts";
import { Metrics as V2Metrics } from "@runwasi/containerd-api/gen/cgroups/cgroup2/stats/metrics.ts";
import { ShimError } from "../error.ts";
import type { ContainerCgroup } from "./find-cgroup.ts";
import { readV1Metrics } from "./v1-metrics.ts";
import { readV2Metrics } from "./v2-metrics.ts";

/** A message with its type, as `google.protobuf.Any` holds it. */
export interface EncodedStats {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

// containerd registers its metrics by their full protobuf names, without a host before them.
const V1_TYPE_URL = "io.containerd.cgroups.v1.Metrics";
const V2_TYPE_URL = "io.containerd.cgroups.v2.Metrics";

/**
 * Reads the statistics of a container's cgroup as containerd's own metrics message. Synchronous: cgroupfs is
 * memory. Loading this module loads the codecs of both messages, so import it when it is first needed.
 *
 * @throws ShimError NotFound when the cgroup is gone, as it is once the container has been deleted.
 */
export function readCgroupStats(cgroup: ContainerCgroup): EncodedStats {
  assertExists(cgroup);
  switch (cgroup.kind) {
    case "v1":
      return { typeUrl: V1_TYPE_URL, value: V1Metrics.encode(readV1Metrics(cgroup.paths)).finish() };
    case "v2":
      return { typeUrl: V2_TYPE_URL, value: V2Metrics.encode(readV2Metrics(cgroup.path)).finish() };
    default:
      return cgroup satisfies never;
  }
}

function assertExists(cgroup: ContainerCgroup): void {
  const directories = cgroup.kind === "v1" ? [...cgroup.paths.values()] : [cgroup.path];
  if (directories.some((directory) => existsSync(directory))) return;
  throw new ShimError(
    "NotFound",
    `cannot read statistics of cgroup "${directories[0] ?? ""}": it does not exist`,
  );
}
