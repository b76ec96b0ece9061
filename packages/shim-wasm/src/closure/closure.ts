// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { ShimError, type InstanceHost } from "@runwasi/containerd-shimkit";
import { isString, isStringArray, parseJsonObject } from "@runwasi/oci";
import { cachedByIdentity } from "@runwasi/oci-runtime";
import { readInterpreter } from "./elf.ts";

/** An executable with the files it needs to run where nothing is installed. Host paths. */
export interface Closure {
  readonly executable: string;
  /** The dynamic loader; undefined for a static executable, which needs nothing else. */
  readonly loader: string | undefined;
  /** Shared objects, each to be found under its own base name, which is its soname. */
  readonly libraries: readonly string[];
}

/**
 * The closure of an executable, computed once.
 *
 * @throws ShimError FailedPrecondition when a shared object is missing, or the file is no ELF executable.
 */
export function closureOf(executable: string, host: InstanceHost): Promise<Closure> {
  return cachedByIdentity(executable, {
    folder: host.stateDir,
    name: "closure",
    parse: (text) => parseClosure(text, executable),
    compute: async () => ({ found: await computeClosure(executable, host), isFinal: true }),
  });
}

function parseClosure(text: string, executable: string): Closure | undefined {
  const { loader, libraries } = parseJsonObject(text, "closure");
  if (!isStringArray(libraries) || (loader !== undefined && !isString(loader))) return undefined;
  const files = loader === undefined ? libraries : [loader, ...libraries];
  return files.every((file) => existsSync(file)) ? { executable, loader, libraries } : undefined;
}

async function computeClosure(executable: string, { spawn }: InstanceHost): Promise<Closure> {
  const loader = readInterpreter(executable);
  if (loader === undefined) return { executable, loader, libraries: [] };
  if (!existsSync(loader)) {
    const what = `its loader "${loader}" is not there`;
    throw new ShimError("FailedPrecondition", `cannot run engine "${executable}": ${what}`);
  }
  const child = spawn([loader, "--list", executable], {
    stdio: ["ignore", "pipe", "ignore"],
    env: {},
    cwd: "/",
  });
  const output = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
  const status = await child.exited;
  const listed = parseLoaderList(output);
  if (status !== 0 || listed.missing.length > 0) {
    const what =
      listed.missing.length > 0 ? `${listed.missing.join(", ")} not found` : `exit status ${status}`;
    throw new ShimError("FailedPrecondition", `cannot run engine "${executable}": its loader says ${what}`);
  }
  return { executable, loader, libraries: listed.libraries };
}

/** Parses what a loader prints with `--list`, the form of ldd(1): `libc.so.6 => /lib/libc.so.6 (0x…)`. */
export function parseLoaderList(output: string): {
  libraries: readonly string[];
  missing: readonly string[];
} {
  const libraries: string[] = [];
  const missing: string[] = [];
  for (const line of output.split("\n")) {
    const [, soname, target] = /^\s*(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$/.exec(line) ?? [];
    if (soname === undefined || target === undefined) continue; // the vdso, and the loader itself
    if (target.startsWith("/")) libraries.push(target);
    else missing.push(soname);
  }
  return { libraries, missing };
}
