// SPDX-License-Identifier: Apache-2.0
// Kubernetes' own client and test suite of CRI.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cachedBin, ensureCached } from "./cache.ts";
import { runInstaller } from "./command.ts";

const VERSION = "v1.36.0";
const MODULE = "sigs.k8s.io/cri-tools";
const NAME = `cri-tools-${VERSION.slice(1)}`;

/** Answers the folder of `crictl` and `critest`, building them where the cache lacks them (2 minutes). */
export function ensureCriTools(): Promise<string> {
  return ensureCached({ name: NAME, executables: ["crictl", "critest"], build });
}

/** Where `ensureCriTools` puts them; says nothing of whether they are there. */
export const criToolsBin: string = cachedBin(NAME);

// critest is a test package, which `go install` does not build: a module of ours has to require it.
async function build(folder: string): Promise<void> {
  const module = join(folder, "module");
  const bin = join(folder, "bin");
  await mkdir(module);
  const go = (...args: readonly string[]) => runInstaller(["go", "-C", module, ...args]);
  await go("mod", "init", "runwasi.test/cri-tools");
  await go("get", "-t", `${MODULE}/cmd/critest@${VERSION}`, `${MODULE}/cmd/crictl@${VERSION}`);
  await go("test", "-c", "-o", join(bin, "critest"), `${MODULE}/cmd/critest`);
  await go("build", "-o", join(bin, "crictl"), `${MODULE}/cmd/crictl`);
}
