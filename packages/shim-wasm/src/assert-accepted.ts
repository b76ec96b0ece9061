// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";
import type { WasmConfig, WorkloadKind } from "./config.ts";

/**
 * Refuses what the node does not accept (option `workloads`).
 *
 * @throws ShimError PermissionDenied.
 */
export function assertAccepted(kind: WorkloadKind, spec: RuntimeSpec, { workloads }: WasmConfig): void {
  if (workloads.includes(kind) || isSandbox(spec)) return;
  const program = spec.process?.args?.[0] ?? "";
  const what = kind === "wasm" ? "WebAssembly" : "not WebAssembly";
  throw new ShimError(
    "PermissionDenied",
    `cannot run "${program}": it is ${what}, and the node accepts ${workloads.join(", ") || "nothing"} only (option "workloads")`,
  );
}

/** A pod's own first container, such as `pause`, which is the node's choice and native always. */
function isSandbox({ annotations }: RuntimeSpec): boolean {
  return annotations?.["io.kubernetes.cri.container-type"] === "sandbox";
}
