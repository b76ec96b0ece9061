// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureCached } from "./cache.ts";
import { cargoInstall } from "./cargo.ts";
import { ensureDebianPackages } from "./debian.ts";

/** The WAMR in the crate that tools/iwasm pins. */
const WAMR_VERSION = "2.4.3";
const SOURCE = join(import.meta.dir, "../../tools/iwasm");

/** All that the executable is made from; not its README, and not what cargo leaves in a developer's checkout. */
const SOURCES = ["Cargo.*", "*.cmake", ".cargo/*", "src/*"];

/** bindgen's and CMake's share of the build. */
const BUILD_PACKAGES = ["cmake", "gcc", "libc6-dev", "libclang-dev"];

/** Answers the folder of the `iwasm` executable, building it first where the cache lacks it (1 minute on 2 cores). */
export function ensureWamr(): Promise<string> {
  return ensureCached({
    name: `wamr-${WAMR_VERSION}-${sourceRevision()}`,
    executables: ["iwasm"],
    build: async (folder) => {
      await ensureDebianPackages(BUILD_PACKAGES);
      await cargoInstall(folder, { args: ["--path", SOURCE] });
    },
  });
}

/** Tells one state of tools/iwasm from another: unlike other engines, its source changes without its version. */
function sourceRevision(): string {
  const files = SOURCES.flatMap((glob) => [...new Bun.Glob(glob).scanSync({ cwd: SOURCE, dot: true })]);
  const hash = new Bun.CryptoHasher("sha256");
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(SOURCE, file)));
  return hash.digest("hex").slice(0, 8);
}
