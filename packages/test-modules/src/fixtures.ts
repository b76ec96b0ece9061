// SPDX-License-Identifier: Apache-2.0
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fixture } from "./test-module.ts";

/** Puts what a run needs into `root`, which exists and is the caller's to remove. */
export async function writeFixtures(root: string, fixtures: readonly Fixture[]): Promise<void> {
  for (const fixture of fixtures) {
    const path = join(root, fixture.path);
    if (fixture.kind === "file") await writeFile(path, fixture.content);
    else if (fixture.kind === "directory") await mkdir(path);
    else await symlink(fixture.target, path);
  }
}
