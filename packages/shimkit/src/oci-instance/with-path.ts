// SPDX-License-Identifier: Apache-2.0
import { basename } from "node:path";
import type { SpecProcess } from "@runwasi/oci";
import type { OciRuntime } from "@runwasi/oci-runtime";

/**
 * The process with a PATH, where the OCI runtime starts none without: youki, which would look into it. A decided process
 * may have been left without, as a Wasm engine is; what containerd sent stays as it came.
 */
export function withPath(process: SpecProcess, { executable }: Pick<OciRuntime, "executable">): SpecProcess {
  const { env = [] } = process;
  if (basename(executable) !== "youki" || env.some((entry) => entry.startsWith("PATH="))) return process;
  return { ...process, env: [...env, "PATH=/"] };
}
