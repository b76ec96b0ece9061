// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What there is to find out about an executable, and where it is kept. */
export interface IdentityCache<T> {
  /** Made where it is missing. */
  readonly folder: string;
  /** The kind of what is found out, which the file's name begins with. */
  readonly name: string;
  /** Reads what was kept; undefined when that is of no use any more, or broken. */
  readonly parse: (text: string) => T | undefined;
  /** Finds it out. What is not `final` is answered and not kept: it may be another the next time. */
  readonly compute: () => Promise<{ readonly found: T; readonly isFinal: boolean }>;
}

/**
 * What is once found out about an executable and kept, as JSON, under the file's identity (device, inode, mtime, size), so
 * that an upgraded one is looked at again.
 */
export async function cachedByIdentity<T>(
  executable: string,
  { folder, name, parse, compute }: IdentityCache<T>,
): Promise<T> {
  const { dev, ino, mtimeMs, size } = statSync(executable);
  const cached = join(folder, `${name}-${dev}-${ino}-${mtimeMs}-${size}`);
  const kept = readKept(cached, parse);
  if (kept !== undefined) return kept;
  const { found, isFinal } = await compute();
  if (!isFinal) return found;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${cached}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(found), { mode: 0o600 });
  renameSync(temporary, cached);
  return found;
}

function readKept<T>(path: string, parse: (text: string) => T | undefined): T | undefined {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // not found out since boot, or not to be read: it is found out again
  }
}
