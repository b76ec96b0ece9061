// SPDX-License-Identifier: Apache-2.0
import { cachedBin, ensureCached } from "./cache.ts";
import { ensureDebianPackages } from "./debian.ts";
import { goBuild } from "./go.ts";

/** The containerd releases that all suites and the demo run against: Debian's own, and the newest. */
export const CONTAINERD_VERSIONS = ["1.6", "2.4.2"] as const;
/** The releases that take images of Wasm layers, on which the suites of such images run. */
export const ARTIFACT_CONTAINERD_VERSIONS = ["1.7.29", "2.4.2"] as const;
export type ContainerdVersion =
  | (typeof CONTAINERD_VERSIONS)[number]
  | (typeof ARTIFACT_CONTAINERD_VERSIONS)[number];

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
    case "1.7.29":
      return { version, bin: await buildContainerd(version, "github.com/containerd/containerd") };
    case "2.4.2":
      return { version, bin: await buildContainerd(version, "github.com/containerd/containerd/v2") };
    default:
      return version satisfies never;
  }
}

function buildContainerd(version: string, module: string): Promise<string> {
  const executables = ["containerd", "ctr", "containerd-shim-runc-v2"];
  return ensureCached({
    name: `containerd-${version}`,
    executables,
    build: (folder) =>
      goBuild(
        folder,
        `${module}@v${version}`,
        executables.map((name) => `${module}/cmd/${name}`),
      ),
  });
}

/** Where `ensureContainerd` puts a release; says nothing of whether it is there. */
export function containerdBin(version: ContainerdVersion): string {
  return version === "1.6" ? "/usr/bin" : cachedBin(`containerd-${version}`);
}
