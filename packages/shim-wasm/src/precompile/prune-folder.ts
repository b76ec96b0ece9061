// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Begins the name of an entry that is not complete. */
export const TEMPORARY = ".new-";

/** A container that is being created may be about to mount what it has found. */
const IN_USE_MS = 2 * 60_000;
/** No copy takes that long: the process that made it was killed. */
const ABANDONED_MS = 60 * 60_000;

interface Entry {
  readonly path: string;
  readonly usedAtMs: number;
  readonly sizeBytes: number;
}

/**
 * Removes entries of a folder, those first that were not used for the longest time, until the rest has no more than
 * `limitBytes`; and what killed processes have left. Running containers keep the files that they have mounted.
 */
export function pruneFolder(folder: string, limitBytes: number, nowMs: number = Date.now()): void {
  const names = readdirSync(folder);
  for (const name of names.filter((candidate) => candidate.startsWith(TEMPORARY))) {
    const entry = entryAt(join(folder, name));
    if (entry !== undefined && nowMs - entry.usedAtMs > ABANDONED_MS) remove(entry);
  }
  const entries = names
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => entryAt(join(folder, name)) ?? [])
    .sort((a, b) => a.usedAtMs - b.usedAtMs);
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const entry of entries) {
    if (total <= limitBytes) return;
    if (nowMs - entry.usedAtMs < IN_USE_MS) return;
    remove(entry);
    total -= entry.sizeBytes;
  }
}

/** Undefined for one that another process has just removed. */
function entryAt(path: string): Entry | undefined {
  try {
    const stats = lstatSync(path);
    const files = stats.isDirectory()
      ? readdirSync(path).map((name) => lstatSync(join(path, name)))
      : [stats];
    return {
      path,
      usedAtMs: stats.mtimeMs,
      sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
    };
  } catch {
    return undefined;
  }
}

function remove({ path }: Entry): void {
  rmSync(path, { recursive: true, force: true });
}
