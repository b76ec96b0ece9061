// SPDX-License-Identifier: Apache-2.0
import { writeStdout } from "../linux/output.ts";
import { RuntimeInfo } from "@runwasi/containerd-api/gen/types/introspection.ts";
import type { ShimDefinition } from "../shim.ts";

/** The `-info` command: prints a RuntimeInfo. containerd 2.0 and newer run it, without namespace or bundle. */
export function info({ name, version }: ShimDefinition): void {
  const message: RuntimeInfo = {
    name,
    version: { version, revision: "" },
    options: undefined,
    features: undefined,
    annotations: {},
  };
  writeStdout(RuntimeInfo.encode(message).finish());
}
