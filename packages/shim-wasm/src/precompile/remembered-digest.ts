// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** With more, all are forgotten: they lie in memory, and what is forgotten is computed again. */
const MAX_REMEMBERED = 4_096;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * A file's digest under its identity, so that it is read once and not at every start. What was computed in this boot of the
 * host only: a disk that has lost what was written to it is found out.
 *
 * @param folder made where it is missing, 0700, emptied when it is full
 * @param identity that no other content can have; undefined where there is none: it is computed
 */
export function rememberedDigest(
  folder: string,
  identity: string | undefined,
  compute: () => string | undefined,
): string | undefined {
  if (identity === undefined) return compute();
  const path = join(folder, new Bun.CryptoHasher("sha256").update(identity).digest("hex"));
  const kept = readKept(path);
  if (kept !== undefined) return kept;
  const digest = compute();
  if (digest !== undefined) keep(folder, path, digest);
  return digest;
}

function readKept(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return SHA256_HEX.test(text) ? text : undefined;
  } catch {
    return undefined; // not computed since boot
  }
}

function keep(folder: string, path: string, digest: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length >= MAX_REMEMBERED) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, digest, { mode: 0o600 });
  renameSync(temporary, path);
}
