// SPDX-License-Identifier: Apache-2.0
// Kubernetes' own client and test suite of CRI.
import { cachedBin, ensureCached } from "./cache.ts";
import { goInstall, goTestExecutable } from "./go.ts";

const VERSION = "v1.36.0";
const COMMANDS = "sigs.k8s.io/cri-tools/cmd";
const NAME = `cri-tools-${VERSION.slice(1)}`;

/** Answers the folder of `crictl` and `critest`, building them where the cache lacks them (2 minutes). */
export function ensureCriTools(): Promise<string> {
  return ensureCached({ name: NAME, executables: ["crictl", "critest"], build });
}

/** Where `ensureCriTools` puts them; says nothing of whether they are there. */
export const criToolsBin: string = cachedBin(NAME);

async function build(folder: string): Promise<void> {
  await goInstall(folder, [`${COMMANDS}/crictl@${VERSION}`]);
  await goTestExecutable(folder, "critest", `${COMMANDS}/critest@${VERSION}`);
}
