// SPDX-License-Identifier: Apache-2.0
import { cargoInstall } from "./cargo.ts";
import { ensureCached } from "./cache.ts";
import { ensureDebianPackages } from "./debian.ts";

const YOUKI_VERSION = "0.7.0";
/** Beside cgroup v2 and systemd, which are in it anyway; without seccomp it would run containers unconfined. */
const FEATURES = "v1,seccomp";
/** A quarter of the time: nothing is measured with it. */
const PROFILE = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "1",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
};

/** Answers the folder of the `youki` executable, building it first where the cache lacks it (2 minutes on 2 cores). */
export async function ensureYouki(): Promise<string> {
  return await ensureCached({
    name: `youki-${YOUKI_VERSION}`,
    executables: ["youki"],
    async build(folder) {
      await ensureDebianPackages(["libseccomp-dev", "pkg-config"]);
      await cargoInstall(folder, {
        args: ["--version", YOUKI_VERSION, "--features", FEATURES, "youki"],
        env: PROFILE,
      });
    },
  });
}
