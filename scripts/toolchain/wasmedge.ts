// SPDX-License-Identifier: Apache-2.0
import { ensureDebianExecutables } from "./debian-executables.ts";

/** The newest release in a stable Debian (trixie); it cannot be built here, its sources being no package of a registry. */
const WASMEDGE_VERSION = "0.14.1";

/** Answers the folder of the `wasmedge` executable, fetching it first where the cache lacks it (40 MB). */
export function ensureWasmedge(): Promise<string> {
  return ensureDebianExecutables({
    name: `wasmedge-${WASMEDGE_VERSION}`,
    codename: "trixie",
    packages: ["wasmedge"],
    executables: [{ path: "usr/bin/wasmedge", version: WASMEDGE_VERSION }],
  });
}
