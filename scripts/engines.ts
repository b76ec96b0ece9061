// SPDX-License-Identifier: Apache-2.0
// Installs what the tests need and this machine lacks: `npm run engines [-- <engine> ...]`, all when none is named.
import { ensureClientSuite } from "./toolchain/client-suite.ts";
import {
  ARTIFACT_CONTAINERD_VERSIONS,
  CONTAINERD_VERSIONS,
  ensureContainerd,
} from "./toolchain/containerd.ts";
import { ensureCriu } from "./toolchain/criu.ts";
import { ensureCriTools } from "./toolchain/cri-tools.ts";
import { ensureDebianPackages } from "./toolchain/debian.ts";
import { ensureEngine, INSTALLABLE_ENGINES, isInstallableEngine } from "./toolchain/engine.ts";
import { ensureImageTools } from "./toolchain/image-tools.ts";
import { say } from "./toolchain/progress.ts";
import { ensureYouki } from "./toolchain/youki.ts";

/** Debian packages that only the e2e suites use: busybox for images, e2fsprogs for loop mounts, gcc for probes. */
const TEST_PACKAGES = ["busybox-static", "e2fsprogs", "gcc", "iproute2", "libc6-dev", "util-linux"];
/** The network of pods; its plugins call iptables. */
const POD_PACKAGES = ["containernetworking-plugins", "iptables"];

/** Installs everything that `npm test` needs; quick when nothing is missing. */
export async function ensureTestTools(): Promise<void> {
  await ensureDebianPackages([...TEST_PACKAGES, ...POD_PACKAGES]);
  for (const version of new Set([...CONTAINERD_VERSIONS, ...ARTIFACT_CONTAINERD_VERSIONS])) {
    const { bin } = await ensureContainerd(version);
    say(`containerd ${version}: ${bin}`);
  }
  await ensureImageTools();
  await ensureClientSuite();
  say(`CRIU, and a crun that has it: ${await ensureCriu()}`);
  say(`youki: ${await ensureYouki()}`);
  await ensureCriTools();
  for (const engine of INSTALLABLE_ENGINES) await installEngine(engine);
}

async function installEngine(name: string): Promise<void> {
  if (!isInstallableEngine(name)) {
    throw new Error(
      `cannot install engine "${name}": it is not known (known: ${INSTALLABLE_ENGINES.join(", ")})`,
    );
  }
  say(`engine ${name}: ${(await ensureEngine(name)) ?? "part of the shim"}`);
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  try {
    if (names.length === 0) await ensureTestTools();
    for (const name of names) await installEngine(name);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
