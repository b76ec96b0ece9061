// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync } from "node:fs";
import { findRuntime, lowerSpecVersion, readSpecVersion } from "@runwasi/oci-runtime";

// crun where it works, else runc; or the one that is named.
const { executable } = findRuntime(process.argv[2] ?? "");
const cacheDir = mkdtempSync("/tmp/spec-version-");
const taken = await readSpecVersion(executable, cacheDir, Bun.spawn);
process.stdout.write(`a spec of version 1.2.1 goes to it as ${lowerSpecVersion("1.2.1", taken)}\n`);
