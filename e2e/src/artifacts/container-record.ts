// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { connectContainerd, type ContainerdClient } from "@runwasi/containerd-client";
import { ContainersDefinition } from "@runwasi/containerd-api/gen/services/containers/v1/containers.ts";
import type { CommandResult } from "../harness/command.ts";
import type { Containerd } from "../harness/containerd.ts";
import { runtimeName, type Runtime } from "../harness/runtimes.ts";

const SNAPSHOTTER = "overlayfs";

/** A client of a test's containerd; the caller disposes it. */
export function clientOf({ folder, namespace }: Containerd): ContainerdClient {
  return connectContainerd({ address: join(folder, "containerd.sock"), namespace });
}

/** A container of an image by full name. */
export interface RecordRun {
  readonly runtime: Runtime;
  readonly image: string;
  readonly args?: readonly string[];
}

/**
 * Runs a container as clients of containerd's API do that look into no configuration: `ctr run` refuses one of a type that
 * it does not know.
 */
export async function runRecord(containerd: Containerd, run: RecordRun): Promise<CommandResult> {
  const id = containerd.nextId();
  using client = clientOf(containerd);
  const spec = await specOf(containerd, id, run.args ?? []);
  await containerd.ctr(["snapshot", "--snapshotter", SNAPSHOTTER, "prepare", id]); // of nothing
  await client.call(ContainersDefinition, ContainersDefinition.methods.create, {
    container: {
      id,
      labels: {},
      image: run.image,
      runtime: { name: runtimeName(run.runtime), options: undefined },
      spec: { typeUrl: "types.containerd.io/opencontainers/runtime-spec/1/Spec", value: spec },
      snapshotter: SNAPSHOTTER,
      snapshotKey: id,
      createdAt: undefined,
      updatedAt: undefined,
      extensions: {},
      sandbox: "",
    },
  });
  try {
    return await containerd.ctr(["task", "start", id]);
  } finally {
    await containerd.ctr(["task", "delete", "--force", id]);
    await containerd.ctr(["container", "delete", id]); // with its snapshot
  }
}

async function specOf(containerd: Containerd, id: string, args: readonly string[]): Promise<Uint8Array> {
  const { stdout } = await containerd.ctr(["oci", "spec"]);
  const base: { process: object; linux: object } = JSON.parse(stdout);
  const spec = {
    ...base,
    process: { ...base.process, args },
    linux: { ...base.linux, cgroupsPath: `/${containerd.namespace}/${id}` },
  };
  return new TextEncoder().encode(JSON.stringify(spec));
}
