// SPDX-License-Identifier: Apache-2.0
import { readSync } from "node:fs";
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "@runwasi/containerd-api/gen/runtime/bootstrap/v1/bootstrap.ts";
import { ShimError } from "../error.ts";
import type { Flags } from "./flags.ts";

/** What containerd writes is some kilobytes; its own shim takes as much. */
const MAX_STDIN_BYTES = 10 * 1024 * 1024;
const STDIN_FD = 0;

/** Reads all of stdin. @throws ShimError ResourceExhausted past 10 MiB. */
export function readStdin(): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = new Uint8Array(64 * 1024);
    const length = readSync(STDIN_FD, chunk, 0, chunk.length, null);
    if (length === 0) return Buffer.concat(chunks, total);
    total += length;
    if (total > MAX_STDIN_BYTES) throw new ShimError("ResourceExhausted", "cannot read stdin: over 10 MiB");
    chunks.push(chunk.subarray(0, length));
  }
}

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
    extensions: [],
  };
  return BootstrapResult.encode(result).finish();
}
