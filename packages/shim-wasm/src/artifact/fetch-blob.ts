// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  existsSync,
  fchmodSync,
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
import { oneAtATime } from "../precompile/one-at-a-time.ts";
import { pruneFolder, TEMPORARY } from "../precompile/prune-folder.ts";

/** Copies of blobs, by digest. Root's alone. */
const FOLDER = "/var/lib/runwasi/blobs";
/** How much is kept of what no container is being made of; running ones keep what they have mounted. */
const LIMIT_BYTES = 2 * 2 ** 30;

/**
 * Copies a blob out of a content store that is not on this host, or whose files only root may read, once: a host path for a
 * bind mount. What was read is checked while it is written.
 *
 * @throws ShimError FailedPrecondition when the content is another, Unavailable when it cannot be kept; ContainerdError.
 */
export async function fetchBlob(
  client: ContainerdClient,
  { digest, size }: Descriptor,
  image: string,
  folder: string = FOLDER,
): Promise<string> {
  const path = join(folder, digest.replace("sha256:", ""));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (isKept(path)) return path;
  // Containers of one pod are created at the same time by one process, those of several by several.
  return await oneAtATime(join(folder, `.lock-${basename(path)}`), async () => {
    if (!isKept(path)) await fetch(client, { digest, size, path, image });
    return path;
  });
}

function isKept(path: string): boolean {
  if (!existsSync(path)) return false;
  const now = new Date();
  utimesSync(path, now, now); // used: the next to prune leaves it for a while
  return true;
}

interface Fetch extends Pick<Descriptor, "digest" | "size"> {
  /** Where it goes. */
  readonly path: string;
  readonly image: string;
}

async function fetch(client: ContainerdClient, { digest, size, path, image }: Fetch): Promise<void> {
  const folder = dirname(path);
  pruneFolder(folder, Math.max(LIMIT_BYTES - size, 0));
  const temporary = join(folder, `${TEMPORARY}${basename(path)}`);
  rmSync(temporary, { force: true }); // of a process that was killed
  try {
    const found = await write(temporary, readContent(client, digest), size);
    if (found !== digest) {
      throw new ShimError(
        "FailedPrecondition",
        `cannot use blob "${digest}" of image "${image}": its content is of another size or digest (remove the image and pull it again)`,
      );
    }
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
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
