// SPDX-License-Identifier: Apache-2.0
import { cachedBin, ensureCached } from "./cache.ts";
import { ensureDebianPackages } from "./debian.ts";
import { goInstall } from "./go.ts";

/** The containerd releases that tests and demo run against: Debian's own, and the newest. */
export const CONTAINERD_VERSIONS = ["1.6", "2.4.2"] as const;
export type ContainerdVersion = (typeof CONTAINERD_VERSIONS)[number];

/** Folders holding containerd, ctr and the runc shim of one release; the shim must match its containerd. */
export interface ContainerdInstallation {
  readonly version: ContainerdVersion;
  readonly bin: string;
}

/** Answers where a containerd release is installed, installing it first where the machine lacks it. */
export async function ensureContainerd(version: ContainerdVersion): Promise<ContainerdInstallation> {
  await ensureDebianPackages(["ca-certificates", "runc", "crun"]);
  switch (version) {
    case "1.6":
      await ensureDebianPackages(["containerd"]);
      return { version, bin: "/usr/bin" };
    case "2.4.2":
      return { version, bin: await buildContainerd(version) };
    default:
      return version satisfies never;
  }
}

function buildContainerd(version: string): Promise<string> {
  const executables = ["containerd", "ctr", "containerd-shim-runc-v2"];
  return ensureCached({
    name: `containerd-${version}`,
    executables,
    build: (folder) =>
      goInstall(
        folder,
        executables.map((name) => `github.com/containerd/containerd/v2/cmd/${name}@v${version}`),
      ),
  });
}

/** Where `ensureContainerd` puts a release; says nothing of whether it is there. */
export function containerdBin(version: ContainerdVersion): string {
  return version === "1.6" ? "/usr/bin" : cachedBin(`containerd-${version}`);
}
