// SPDX-License-Identifier: Apache-2.0
import { bootNotes } from "./boot-notes.ts";

const SHA256_HEX = /^[0-9a-f]{64}$/;

/**
 * A file's digest under its identity, so that it is read once and not at every start. What was computed in this boot of the
 * host only: a disk that has lost what was written to it is found out.
 *
 * @param folder of boot notes
 * @param identity that no other content can have; undefined where there is none: it is computed
 */
export function rememberedDigest(
  folder: string,
  identity: string | undefined,
  compute: () => string | undefined,
): string | undefined {
  if (identity === undefined) return compute();
  const notes = bootNotes(folder);
  const noted = notes.read(identity);
  if (noted !== undefined && SHA256_HEX.test(noted)) return noted;
  const digest = compute();
  if (digest !== undefined) notes.write(identity, digest);
  return digest;
}
