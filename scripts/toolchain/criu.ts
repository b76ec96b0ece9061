// SPDX-License-Identifier: Apache-2.0
import { ensureDebianExecutables } from "./debian-executables.ts";

/** Those of trixie, which work together: bookworm's CRIU fails on newer kernels, and its crun is built without. */
const CRIU_VERSION = "4.1.1";
const CRUN_VERSION = "1.21";

/** Answers the folder of a `criu`, and of a `crun` that uses it, fetching them first where the cache lacks them (20 MB). */
export function ensureCriu(): Promise<string> {
  return ensureDebianExecutables({
    name: `criu-${CRIU_VERSION}-crun-${CRUN_VERSION}`,
    codename: "trixie",
    packages: ["criu", "crun", "libcriu2"],
    executables: [
      { path: "usr/sbin/criu", version: CRIU_VERSION },
      { path: "usr/bin/crun", version: CRUN_VERSION },
    ],
    loaded: ["libcriu.so.2"],
    runsFromCopy: true, // crun does, CVE-2019-5736
  });
}
