// SPDX-License-Identifier: Apache-2.0
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BuildError } from "./build-error.ts";
import { removeOnSignal } from "./remove-on-signal.ts";

/**
 * Writes a file that is there complete or not at all: beside its place first, then renamed. What was there before stays
 * when that fails. A device or pipe is written to as it is.
 *
 * @throws BuildError "output".
 */
export async function writeOutput(path: string, content: Uint8Array): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    const stats = await stat(target).catch(() => undefined);
    if (stats === undefined || stats.isFile()) await replaceFile(target, content);
    else if (stats.isDirectory()) throw new Error("it is a folder");
    else await writeInto(target, "w", content);
  } catch (error) {
    throw new BuildError("output", `cannot write "${path}": ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  EACCES: "you may not",
  ENOSPC: "there is no space left",
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return REASONS["code" in error ? String(error.code) : ""] ?? error.message;
}

async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  using _removal = removeOnSignal(partial);
  try {
    await writeInto(partial, "wx", content);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeInto(path: string, flags: "w" | "wx", content: Uint8Array): Promise<void> {
  await using file = await open(path, flags);
  await file.writeFile(content);
}
