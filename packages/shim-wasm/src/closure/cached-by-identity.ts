// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What is once found out about an executable and kept in the state folder under the file's identity (device, inode,
 * mtime, size), so that an upgraded one is looked at again.
 *
 * @param parse reads what was kept; undefined when that is of no use any more, or broken
 */
export async function cachedByIdentity<T>(
  executable: string,
  {
    stateDir,
    name,
    parse,
    compute,
  }: {
    readonly stateDir: string;
    readonly name: string;
    readonly parse: (text: string) => T | undefined;
    readonly compute: () => Promise<T>;
  },
): Promise<T> {
  const { dev, ino, mtimeMs, size } = statSync(executable);
  const cached = join(stateDir, `${name}-${dev}-${ino}-${mtimeMs}-${size}`);
  const known = readKept(cached, parse);
  if (known !== undefined) return known;
  const found = await compute();
  const temporary = `${cached}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(found), { mode: 0o600 });
  renameSync(temporary, cached);
  return found;
}

function readKept<T>(path: string, parse: (text: string) => T | undefined): T | undefined {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // not computed since boot, or not to be read: it is computed again
  }
}
