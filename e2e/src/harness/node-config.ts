// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "./command.ts";
import type { Containerd } from "./containerd.ts";

/** The node's file /etc/runwasi/config.toml, as one containerd's shims see it and nobody else on the machine. */
export interface NodeConfig {
  /** Puts it there with this content; it is gone again when the answer is disposed. */
  write(toml: string): Promise<AsyncDisposable>;
}

/** Gives a containerd's mounts an /etc of their own, which ends with them. */
export async function openNodeConfig(containerd: Containerd): Promise<NodeConfig> {
  const folder = join(containerd.folder, "etc");
  await mustRun(["cp", "--archive", "/etc", folder]);
  await mkdir(join(folder, "runwasi"), { recursive: true });
  await mustRun(containerd.mounts.enter(["mount", "--bind", folder, "/etc"]));
  const path = join(folder, "runwasi", "config.toml");
  return {
    async write(toml) {
      await writeFile(path, toml);
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    },
  };
}
