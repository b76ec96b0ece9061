// SPDX-License-Identifier: Apache-2.0
// containerd's own tests of its client, which are tests of the shim behind it.
import { cachedBin, ensureCached } from "./cache.ts";
import { ensureDebianPackages } from "./debian.ts";
import { goInstall, goTestExecutable } from "./go.ts";

/** The suite is that of the containerd it runs against. */
const VERSION = "2.4.2";
const MODULE = "github.com/containerd/containerd/v2/integration";
const NAME = `containerd-client-suite-${VERSION}`;

/** The name of the suite's executable. */
export const CLIENT_SUITE = "client.test";

/** Where `ensureClientSuite` puts the suite; says nothing of whether it is there. */
export const clientSuiteBin: string = cachedBin(NAME);

/**
 * Builds the suite, and the runc that fails on request which two of its tests name, where the cache lacks them
 * (1 minute), and installs what its tests and their images need of Debian.
 */
export async function ensureClientSuite(): Promise<void> {
  await ensureDebianPackages(["bash-static", "busybox-static", "lsof", "openssl", "procps"]);
  await ensureCached({
    name: NAME,
    executables: [CLIENT_SUITE, "runc-fp"],
    async build(folder) {
      await goTestExecutable(folder, CLIENT_SUITE, `${MODULE}/client@v${VERSION}`);
      await goInstall(folder, [`${MODULE}/failpoint/cmd/runc-fp@v${VERSION}`]);
    },
  });
}
