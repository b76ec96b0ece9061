// SPDX-License-Identifier: Apache-2.0
// Programs of others that read, push, pull and build images, by which ours are proven.
import { cachedBin, ensureCached } from "./cache.ts";
import { cargoInstall } from "./cargo.ts";
import { ensureDebianPackages } from "./debian.ts";
import { goInstall } from "./go.ts";

const ORAS = { name: "oras-1.3.6", source: "oras.land/oras/cmd/oras@v1.3.6" };
const REGISTRY = {
  name: "registry-3.1.2",
  source: "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
};
/** The builder of the Rust project containerd/runwasi. */
const PEER = { name: "oci-tar-builder-0.4.0", version: "0.4.0" };

/** Installs skopeo and umoci, and builds oras, the registry and the Rust builder where the cache lacks them (5 minutes). */
export async function ensureImageTools(): Promise<void> {
  await ensureDebianPackages(["skopeo", "umoci"]);
  await ensureOras();
  await ensureRegistry();
  await ensureCached({
    name: PEER.name,
    executables: ["oci-tar-builder"],
    build: (folder) => cargoInstall(folder, { args: ["--version", PEER.version, "oci-tar-builder"] }),
  });
}

/** Answers the folder of the `oras` executable. */
function ensureOras(): Promise<string> {
  return ensureCached({
    name: ORAS.name,
    executables: ["oras"],
    build: (folder) => goInstall(folder, [ORAS.source]),
  });
}

/** Answers the folder of the `registry` executable, the distribution project's. */
function ensureRegistry(): Promise<string> {
  return ensureCached({
    name: REGISTRY.name,
    executables: ["registry"],
    build: (folder) => goInstall(folder, [REGISTRY.source]),
  });
}

/** Where `ensureImageTools` puts what it builds; says nothing of whether it is there. */
export const imageToolBins: readonly string[] = [ORAS.name, REGISTRY.name, PEER.name].map(cachedBin);
