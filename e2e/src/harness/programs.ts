// SPDX-License-Identifier: Apache-2.0
import { dirname, join, resolve } from "node:path";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { TarEntry } from "../../../packages/oci/src/image-layout-tar.ts";
import { mustRun } from "./command.ts";

const PROBE = resolve(import.meta.dir, "../../programs/probe.c");

/** The probe program as one static executable, /probe. */
export async function staticProbe(): Promise<TarEntry[]> {
  await using build = await compile(["-static"]);
  return [{ kind: "file", path: "probe", content: await readFile(build.executable), mode: 0o755 }];
}

/** The probe program with the loader and the C library that it was linked against, at their own paths. */
export async function dynamicProbe(): Promise<TarEntry[]> {
  await using build = await compile([]);
  const listed = await mustRun(["ldd", build.executable]);
  const objects = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  return [
    { kind: "file", path: "probe", content: await readFile(build.executable), mode: 0o755 },
    ...parentFolders(objects),
    ...(await Promise.all(
      objects.map(async (path): Promise<TarEntry> => ({
        kind: "file",
        path: path.slice(1),
        content: await readFile(await realpath(path)),
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

async function compile(flags: readonly string[]): Promise<AsyncDisposable & { readonly executable: string }> {
  const folder = await mkdtemp(join(tmpdir(), "runwasi-probe-"));
  const executable = join(folder, "probe");
  await mustRun(["gcc", "-O1", "-Wall", "-Werror", ...flags, "-o", executable, PROBE]);
  return { executable, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
