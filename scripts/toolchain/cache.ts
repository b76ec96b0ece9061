// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isExecutable } from "./executable.ts";
import { step } from "./progress.ts";

/** A folder of executables built once and kept outside the repository. */
export interface CachedTool {
  /** Folder name in the cache; carries the version, so that an upgrade builds beside the old one. */
  readonly name: string;
  /** Executables below `bin/` that a complete folder holds. */
  readonly executables: readonly string[];
  /** Fills `folder`, an empty temporary folder, so that `folder/bin/<executable>` exist. */
  build(folder: string): Promise<void>;
}

/** Where built tools are kept: RUNWASI_CACHE, else runwasi in the user's XDG cache folder. */
function cacheFolder(): string {
  const { RUNWASI_CACHE, XDG_CACHE_HOME } = process.env;
  return RUNWASI_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "runwasi");
}

/** Where a tool's executables are, or will be; says nothing of whether they are there. */
export function cachedBin(name: string): string {
  return join(cacheFolder(), name, "bin");
}

/**
 * Answers the `bin` folder of a tool, building it first where the cache lacks it. A build appears under its
 * name by one rename, so a folder there is complete; two processes that want the same tool build it once.
 */
export async function ensureCached(tool: CachedTool): Promise<string> {
  const bin = cachedBin(tool.name);
  const folder = dirname(bin);
  if (await isComplete(bin, tool.executables)) return bin;
  await mkdir(dirname(folder), { recursive: true });
  await using _lock = await lockFile(`${folder}.lock`);
  if (await isComplete(bin, tool.executables)) return bin;

  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, "bin"), { recursive: true });
  await step(`building ${tool.name}`, () => tool.build(partial));
  if (!(await isComplete(join(partial, "bin"), tool.executables))) {
    throw new Error(`cannot cache tool "${tool.name}": its build left no ${tool.executables.join(", ")}`);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return bin;
}

async function isComplete(bin: string, executables: readonly string[]): Promise<boolean> {
  const found = await Promise.all(executables.map((name) => isExecutable(join(bin, name))));
  return found.every(Boolean);
}

/** Holds an flock until disposed. flock(1) keeps it while its stdin is open, so it goes when this process dies. */
async function lockFile(path: string): Promise<AsyncDisposable> {
  const holder = Bun.spawn(["flock", path, "sh", "-c", "echo locked; exec cat"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const first = await holder.stdout.getReader().read();
  if (first.done) throw new Error(`cannot lock "${path}": flock ended with status ${await holder.exited}`);
  return {
    async [Symbol.asyncDispose]() {
      await holder.stdin.end();
      await holder.exited;
    },
  };
}
