// SPDX-License-Identifier: Apache-2.0
import { fileDigest } from "./file-digest.ts";
import { nodeFileIdentity } from "./file-identity.ts";
import { rememberedDigest } from "./remembered-digest.ts";

/**
 * SHA-256 of a file of the node's own folders, in hexadecimal, read once in a boot of the host; undefined where it is no
 * regular file.
 *
 * @param digests folder where digests are remembered
 */
export function nodeFileDigest(path: string, digests: string): string | undefined {
  return rememberedDigest(digests, nodeFileIdentity(path), () => fileDigest(path));
}
