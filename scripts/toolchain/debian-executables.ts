// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { cachedBin, ensureCached } from "./cache.ts";
import { readCommand, runInstaller } from "./command.ts";
import { ensureDebianPackages } from "./debian.ts";
import { unpackDebianRelease, type DebianRelease } from "./debian-release.ts";

/** An executable of a package, and the version that it has to print for `--version`. */
interface DebianExecutable {
  /** As the package has it: `usr/bin/wasmedge`. */
  readonly path: string;
  readonly version: string;
}

/** Executables of a Debian release that need not be the machine's own. */
export interface DebianExecutables extends DebianRelease {
  /** Folder in the cache. */
  readonly name: string;
  readonly executables: readonly DebianExecutable[];
  /** Shared objects that they load by name while they run, beside those that they are linked with. */
  readonly loaded?: readonly string[];
  /** Whether they run from a copy of themselves in memory, which has no folder to find libraries beside. */
  readonly runsFromCopy?: boolean;
}

/**
 * Answers the folder of executables that the cache has, or is given here. They run on any older glibc: loader and
 * libraries of their own lie in `lib` beside them, found by PT_INTERP and DT_RPATH. They name their place in the cache, so
 * the folder cannot be moved.
 */
export function ensureDebianExecutables(tool: DebianExecutables): Promise<string> {
  return ensureCached({
    name: tool.name,
    executables: tool.executables.map(({ path }) => basename(path)),
    build: (folder) => install(join(folder, "bin"), tool),
  });
}

async function install(bin: string, tool: DebianExecutables): Promise<void> {
  await ensureDebianPackages(["patchelf"]);
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "runwasi-debian-"));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  await unpackDebianRelease(root, tool);

  const libraries = join(bin, "lib");
  await mkdir(libraries);
  const folders = libraryFolders(root);
  for (const { path, version } of tool.executables) {
    const executable = join(root, path);
    const loader = join(root, "usr", await interpreter(executable));
    const loaded = (tool.loaded ?? []).map((name) => findLibrary(folders, name));
    const needed = await Promise.all(
      [executable, ...loaded].map((file) => neededLibraries(root, folders, loader, file)),
    );
    for (const file of new Set([loader, ...loaded, ...needed.flat()])) {
      await copyFile(file, join(libraries, basename(file)));
    }
    await chmod(join(libraries, basename(loader)), 0o755);
    await copyFile(executable, join(bin, basename(path)));
    await bindToLibraries(join(bin, basename(path)), tool, basename(loader));
    await assertVersion(join(bin, basename(path)), basename(loader), version, tool.codename);
  }
}

/** The executable's loader as it names it: `/lib64/ld-linux-x86-64.so.2`, which Debian ships below `/usr`. */
async function interpreter(executable: string): Promise<string> {
  return (await readCommand(["patchelf", "--print-interpreter", executable])).trim();
}

function libraryFolders(root: string): readonly string[] {
  return [...new Bun.Glob("usr/lib/*/libc.so.6").scanSync({ cwd: root, absolute: true })].map(dirname);
}

function findLibrary(folders: readonly string[], name: string): string {
  const found = folders.flatMap((folder) => [
    ...new Bun.Glob(name).scanSync({ cwd: folder, absolute: true, onlyFiles: false }),
  ])[0];
  if (found === undefined) throw new Error(`cannot install: no package brings "${name}"`);
  return found;
}

/** What the loader itself finds of the unpacked packages; most of what they bring is not needed to run. */
async function neededLibraries(
  root: string,
  folders: readonly string[],
  loader: string,
  file: string,
): Promise<string[]> {
  const listing = await readCommand([loader, "--library-path", folders.join(":"), "--list", file]);
  const found = [...listing.matchAll(/ => (.+?)(?: \(0x[0-9a-f]+\))?$/gm)]
    .map(([, path = ""]) => path)
    .filter((path) => path.includes(".so") && basename(path) !== basename(loader));
  const strange = found.filter((path) => !path.startsWith(`${root}/`));
  if (found.length === 0 || strange.length > 0) {
    throw new Error(`cannot install ${basename(file)}: its packages lack libraries (${strange.join(", ")})`);
  }
  return found;
}

/**
 * DT_RPATH, not DT_RUNPATH, because it holds for the libraries' own libraries too. It comes before the loader's
 * --library-path, by which a shim runs an engine in a container from `<folder>/<executable>` and `<folder>/lib`:
 * `$ORIGIN/lib` is the engine's own folder there as well, never one that an image brings.
 */
async function bindToLibraries(executable: string, tool: DebianExecutables, loader: string): Promise<void> {
  const libraries = join(cachedBin(tool.name), "lib");
  const path = tool.runsFromCopy === true ? libraries : "$ORIGIN/lib";
  await runInstaller(["patchelf", "--set-interpreter", join(libraries, loader), executable]);
  await runInstaller(["patchelf", "--force-rpath", "--set-rpath", path, executable]);
}

async function assertVersion(
  executable: string,
  loader: string,
  version: string,
  codename: string,
): Promise<void> {
  const libraries = join(dirname(executable), "lib");
  const argv = [join(libraries, loader), "--library-path", libraries, executable, "--version"];
  const printed = await readCommand(argv);
  if (!printed.includes(version)) {
    throw new Error(
      `cannot install ${basename(executable)} ${version}: ${codename} has "${printed.split("\n")[0]}"`,
    );
  }
}
