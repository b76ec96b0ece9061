// SPDX-License-Identifier: Apache-2.0
import { ensureCriu } from "../../../scripts/toolchain/criu.ts";
import { defaultPath } from "../harness/containerd.ts";
import type { CriNodeOptions } from "./cri-node.ts";

/**
 * A node with trixie's crun in front of bookworm's, which has no command `features`: without one containerd does not know
 * that it can mount with mapped ids, or read-only recursively, and offers neither.
 */
export async function withNewerCrun(): Promise<CriNodeOptions> {
  return { path: [await ensureCriu(), ...(await defaultPath("2.4.2"))] };
}
