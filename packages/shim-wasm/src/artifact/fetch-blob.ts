// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { readContent, type ContainerdClient } from "@runwasi/containerd-client";
import { messageOf, ShimError } from "@runwasi/containerd-shimkit";
import type { Descriptor } from "@runwasi/oci";
import { nodeFileDigest } from "../precompile/node-file-digest.ts";
import { oneAtATime } from "../precompile/one-at-a-time.ts";
import { pruneFolder, TEMPORARY } from "../precompile/prune-folder.ts";

/** Copies of blobs, each in a folder by its digest, whose time says when it was used. Root's alone. */
const FOLDER = "/var/lib/runwasi/blobs";
const COPY = "blob";
/** How much is kept of what no container is being made of; running ones keep what they have mounted. */
const LIMIT_BYTES = 2 * 2 ** 30;

/**
 * Copies a blob out of a content store that is not on this host, or whose files only root may read, once: a host path for a
 * bind mount. What was read is checked while it is written.
 *
 * @throws ShimError FailedPrecondition when the content is another, Unavailable when it cannot be kept; ContainerdError.
 */
export async function fetchBlob(client: ContainerdClient, wanted: WantedBlob): Promise<string> {
  const { folder = FOLDER, descriptor } = wanted;
  const entry = join(folder, descriptor.digest.replace("sha256:", ""));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (isKept(entry, wanted)) return join(entry, COPY);
  // Containers of one pod are created at the same time by one process, those of several by several.
  return await oneAtATime(join(folder, `.lock-${basename(entry)}`), async () => {
    if (!isKept(entry, wanted)) await fetch(client, entry, wanted);
    return join(entry, COPY);
  });
}

/** A blob that is to be copied. */
export interface WantedBlob {
  readonly descriptor: Descriptor;
  /** For errors. */
  readonly image: string;
  /** Where digests are remembered until the host is rebooted. */
  readonly digests: string;
  /** Where copies go; the node's when absent. */
  readonly folder?: string | undefined;
}

/** A copy is not taken for whole because it is there: a host that lost power may have lost what was in it. */
function isKept(entry: string, { descriptor, digests }: WantedBlob): boolean {
  const path = join(entry, COPY);
  if (!existsSync(path)) return false;
  const found = nodeFileDigest(path, digests);
  if (`sha256:${found}` !== descriptor.digest) return false;
  const now = new Date();
  utimesSync(entry, now, now); // used: the next to prune leaves it for a while
  return true;
}

async function fetch(
  client: ContainerdClient,
  entry: string,
  { descriptor: { digest, size }, image }: WantedBlob,
): Promise<void> {
  const folder = dirname(entry);
  pruneFolder(folder, Math.max(LIMIT_BYTES - size, 0));
  const temporary = join(folder, `${TEMPORARY}${basename(entry)}`);
  rmSync(temporary, { recursive: true, force: true }); // of a process that was killed
  mkdirSync(temporary, { mode: 0o700 });
  try {
    const found = await write(join(temporary, COPY), readContent(client, digest), size);
    if (found !== digest) {
      throw new ShimError(
        "FailedPrecondition",
        `cannot use blob "${digest}" of image "${image}": its content is of another size or digest (remove the image and pull it again)`,
      );
    }
    rmSync(entry, { recursive: true, force: true }); // damaged
    renameSync(temporary, entry);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Writes at most `size` bytes; the digest of what was written, undefined where there was more or less. */
async function write(
  path: string,
  content: AsyncIterable<Uint8Array>,
  size: number,
): Promise<string | undefined> {
  const hasher = new Bun.CryptoHasher("sha256");
  const fd = openSync(path, "wx", 0o600);
  let total = 0;
  try {
    for await (const chunk of content) {
      total += chunk.length;
      if (total > size) return undefined;
      hasher.update(chunk);
      writeAll(fd, chunk, path);
    }
    fchmodSync(fd, 0o444);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return total === size ? `sha256:${hasher.digest("hex")}` : undefined;
}

function writeAll(fd: number, bytes: Uint8Array, path: string): void {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  } catch (error) {
    throw new ShimError("Unavailable", `cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}
