// SPDX-License-Identifier: Apache-2.0
import { dirname, join, resolve } from "node:path";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import { mustRun } from "./command.ts";

const PROGRAMS = resolve(import.meta.dir, "../../programs");

/** The probe program as one static executable, /probe. */
export async function staticProbe(): Promise<TarEntry[]> {
  return [await programFile("probe", "probe")];
}

/** A program of e2e/programs as one static executable. */
export async function programFile(name: string, path: string, mode = 0o755): Promise<TarEntry> {
  await using build = await compile(name, ["-static"]);
  return { kind: "file", path, content: await readFile(build.executable), mode };
}

/** The probe program with the loader and the C library that it was linked against, at their own paths. */
export async function dynamicProbe(): Promise<TarEntry[]> {
  await using build = await compile("probe", []);
  return await withLibraries(build.executable, "probe");
}

/** An executable of this machine at a path in an image, with its loader and shared libraries at their own. */
export async function withLibraries(executable: string, path: string): Promise<TarEntry[]> {
  const listed = await mustRun(["ldd", executable]);
  const objects = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, object = ""]) => object);
  return [
    { kind: "file", path, content: await readFile(executable), mode: 0o755 },
    ...parentFolders(objects),
    ...(await Promise.all(
      objects.map(async (object): Promise<TarEntry> => ({
        kind: "file",
        path: object.slice(1),
        content: await readFile(await realpath(object)),
        mode: 0o755,
      })),
    )),
  ];
}

function parentFolders(paths: readonly string[]): TarEntry[] {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) folders.add(folder.slice(1));
  }
  return [...folders].sort().map((path) => ({ kind: "folder", path }));
}

async function compile(
  name: string,
  flags: readonly string[],
): Promise<AsyncDisposable & { readonly executable: string }> {
  const folder = await mkdtemp(join(tmpdir(), "runwasi-program-"));
  const executable = join(folder, name);
  const source = join(PROGRAMS, `${name}.c`);
  await mustRun(["gcc", "-O1", "-Wall", "-Werror", ...flags, "-o", executable, source]);
  return { executable, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
