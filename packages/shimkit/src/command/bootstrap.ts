// SPDX-License-Identifier: Apache-2.0
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "@runwasi/containerd-api/gen/runtime/bootstrap/v1/bootstrap.ts";
import type { Flags } from "./flags.ts";

/**
 * Says that this shim leaves the mount manager's own types of mounts to it: an empty MountCapabilities. Without it
 * containerd 2.4 runs `-info` to look for an older form of the same.
 * @see https://github.com/containerd/containerd/blob/v2.4.2/docs/shim-capabilities.md
 */
const NO_MOUNTS = {
  typeUrl: "type.googleapis.com/containerd.types.MountCapabilities",
  value: new Uint8Array(0),
};

/**
 * The BootstrapParams that containerd 2.3 and newer write to the stdin of `start`; undefined for the older ones, which
 * write an options Any or nothing.
 *
 * The two messages can be taken for each other, so the ids have to be those of the command line.
 */
export function parseBootstrapParams(stdin: Uint8Array, flags: Flags): BootstrapParams | undefined {
  if (stdin.length === 0) return undefined;
  try {
    const params = BootstrapParams.decode(stdin);
    return params.instanceId === flags.id && params.namespace === flags.namespace ? params : undefined;
  } catch {
    return undefined; // an Any whose value happens not to parse
  }
}

/** Whether debug lines are asked for, by flag or by bootstrap. */
export function wantsDebug(flags: Flags, params: BootstrapParams | undefined): boolean {
  return flags.debug || (params !== undefined && params.logLevel <= LogLevel.LOG_LEVEL_DEBUG);
}

/**
 * What `start` prints: the address, plain for containerd before 2.3.
 *
 * Version 2 of the protocol, in which containerd runs `start` and `delete` for every container: with version 3,
 * containerd 2.x adopts a pod's containers by the sandbox and does not clean them up after a crash.
 */
export function formatStartReply(address: string, params: BootstrapParams | undefined): string | Uint8Array {
  if (params === undefined) return address;
  const result: BootstrapResult = {
    version: 2,
    address,
    protocol: "ttrpc",
    capabilities: [],
    metadata: {},
    extensions: [{ value: NO_MOUNTS }],
  };
  return BootstrapResult.encode(result).finish();
}
