// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { cachedBin, ensureCached } from "./cache.ts";
import { readCommand, runInstaller } from "./command.ts";
import { ensureDebianPackages } from "./debian.ts";
import { unpackDebianRelease } from "./debian-release.ts";

/** The newest release in a stable Debian (trixie); it cannot be built here, its sources being no package of a registry. */
const WASMEDGE_VERSION = "0.14.1";
const NAME = `wasmedge-${WASMEDGE_VERSION}`;
const DEBIAN = { codename: "trixie", packages: ["wasmedge"] };

/**
 * Answers the folder of the `wasmedge` executable, fetching it first where the cache lacks it (40 MB). The executable
 * runs on any older glibc: loader and libraries of its own lie in `lib` beside it, found by PT_INTERP and DT_RPATH.
 * It names its place in the cache, so the folder cannot be moved.
 */
export function ensureWasmedge(): Promise<string> {
  return ensureCached({
    name: NAME,
    executables: ["wasmedge"],
    build: (folder) => install(join(folder, "bin")),
  });
}

async function install(bin: string): Promise<void> {
  await ensureDebianPackages(["patchelf"]);
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "runwasi-wasmedge-"));
  stack.defer(() => rm(root, { recursive: true, force: true }));
  await unpackDebianRelease(root, DEBIAN);

  const executable = join(root, "usr/bin/wasmedge");
  const loader = join(root, "usr", await interpreter(executable));
  const libraries = join(bin, "lib");
  await mkdir(libraries);
  for (const file of [loader, ...(await neededLibraries(root, loader, executable))]) {
    await copyFile(file, join(libraries, basename(file)));
  }
  await chmod(join(libraries, basename(loader)), 0o755);
  await copyFile(executable, join(bin, "wasmedge"));
  await bindToLibraries(bin, basename(loader));
}

/** The executable's loader as it names it: `/lib64/ld-linux-x86-64.so.2`, which Debian ships below `/usr`. */
async function interpreter(executable: string): Promise<string> {
  return (await readCommand(["patchelf", "--print-interpreter", executable])).trim();
}

/** What the loader itself finds of the unpacked packages; most of what they bring is not needed to run. */
async function neededLibraries(root: string, loader: string, executable: string): Promise<string[]> {
  const folders = [...new Bun.Glob("usr/lib/*/libc.so.6").scanSync({ cwd: root, absolute: true })].map(
    dirname,
  );
  const listing = await readCommand([loader, "--library-path", folders.join(":"), "--list", executable]);
  const found = [...listing.matchAll(/ => (.+?)(?: \(0x[0-9a-f]+\))?$/gm)].map(([, path = ""]) => path);
  const strange = found.filter((path) => !path.startsWith(`${root}/`));
  if (found.length === 0 || strange.length > 0) {
    throw new Error(`cannot install wasmedge: its packages lack libraries (${strange.join(", ")})`);
  }
  return found;
}

/**
 * DT_RPATH, not DT_RUNPATH, because it holds for the libraries' own libraries too. It comes before the loader's
 * --library-path, by which a shim runs an engine in a container from `<folder>/<executable>` and `<folder>/lib`:
 * `$ORIGIN/lib` is the engine's own folder there as well, never one that an image brings.
 */
async function bindToLibraries(bin: string, loader: string): Promise<void> {
  const executable = join(bin, "wasmedge");
  const finalLoader = join(cachedBin(NAME), "lib", loader);
  await runInstaller(["patchelf", "--set-interpreter", finalLoader, executable]);
  await runInstaller(["patchelf", "--force-rpath", "--set-rpath", "$ORIGIN/lib", executable]);
  const version = await readCommand([join(bin, "lib", loader), executable, "--version"]);
  if (!version.includes(WASMEDGE_VERSION)) {
    throw new Error(
      `cannot install wasmedge ${WASMEDGE_VERSION}: ${DEBIAN.codename} has "${version.trim()}"`,
    );
  }
}
