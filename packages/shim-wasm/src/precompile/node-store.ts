// SPDX-License-Identifier: Apache-2.0
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { messageOf, ShimError } from "@runwasi/containerd-shimkit";
import type { CompiledFile, CompiledKey, CompiledStore } from "./compiled-store.ts";
import { fileDigest } from "./file-digest.ts";
import { nodeFileDigest } from "./node-file-digest.ts";
import { pruneFolder, TEMPORARY } from "./prune-folder.ts";

const SHA256_HEX = /^[0-9a-f]{64}$/;
/** An empty executable, by which one system call tells whether code may be mapped from this file system. */
const PROBE = ".executable";

export interface NodeStoreOptions {
  /** Made where it is missing; nobody but the owner may reach it. */
  readonly folder: string;
  readonly limitBytes: number;
  /** Where digests are remembered until the host is rebooted. */
  readonly digests: string;
}

/**
 * Compiled files in a folder of the node's: `<key>/<SHA-256 of the content>`. The folder of a key comes into its place whole,
 * and what does not have the digest that it is named by is not found. Those that were not used for the longest time go first.
 */
export function createNodeStore({ folder, limitBytes, digests }: NodeStoreOptions): CompiledStore {
  return {
    find({ id }) {
      openFolder(folder);
      return Promise.resolve(findWhole(join(folder, id), digests));
    },
    keep(key, file) {
      openFolder(folder);
      return Promise.resolve(keepCopy(key, file, { folder, limitBytes }));
    },
  };
}

function findWhole(entry: string, digests: string): string | undefined {
  const [name = "", ...others] = namesIn(entry);
  const path = join(entry, name);
  if (!SHA256_HEX.test(name) || others.length > 0 || !isOurs(path)) return undefined;
  const found = nodeFileDigest(path, digests);
  if (found !== name) return undefined;
  const now = new Date();
  utimesSync(entry, now, now); // for the next to prune, and for another start's prune to leave it to this one
  return path;
}

function keepCopy(
  { id }: CompiledKey,
  file: CompiledFile,
  { folder, limitBytes }: { readonly folder: string; readonly limitBytes: number },
): string {
  const temporary = join(folder, TEMPORARY + id);
  try {
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { mode: 0o700 });
    const digest = copyInto(temporary, file);
    pruneFolder(folder, Math.max(limitBytes - file.sizeBytes, 0));
    const entry = join(folder, id);
    rmSync(entry, { recursive: true, force: true });
    renameSync(temporary, entry);
    return join(entry, digest);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw new ShimError("Unavailable", `cannot keep a compiled file in "${folder}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function copyInto(folder: string, { path, sizeBytes }: CompiledFile): string {
  const copy = join(folder, "copy");
  const fd = openSync(copy, "wx", 0o600);
  try {
    const digest = fileDigest(path, { copy: fd, maxBytes: sizeBytes });
    if (digest === undefined) throw new Error("it is larger than it was");
    fchmodSync(fd, 0o444);
    renameSync(copy, join(folder, digest));
    return digest;
  } finally {
    closeSync(fd);
  }
}

/** @throws ShimError FailedPrecondition for a folder in which others may write or from which no code can be mapped. */
function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o777) !== 0o700 || (mode & 0o170000) !== 0o040000)
    refuse(folder, "it has to be a folder of root's with mode 0700");
  const probe = join(folder, PROBE);
  try {
    accessSync(probe, constants.X_OK); // access(2): EACCES on a file system that is mounted noexec
  } catch {
    writeFileSync(probe, "", { mode: 0o700 });
    if (!isExecutable(probe)) refuse(folder, "it is mounted noexec, and engines map code from there");
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function refuse(folder: string, reason: string): never {
  throw new ShimError(
    "FailedPrecondition",
    `cannot keep compiled files in "${folder}": ${reason} (option "precompile.folder")`,
  );
}

/** A regular file that nobody writes to. */
function isOurs(path: string): boolean {
  const { uid, mode } = lstatSync(path);
  return (mode & 0o170000) === 0o100000 && uid === process.getuid?.() && (mode & 0o222) === 0;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was kept, or another start's prune has just removed it
  }
}
