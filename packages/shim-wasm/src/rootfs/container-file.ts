// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, mkdirSync, openSync, readlinkSync, type Stats } from "node:fs";
import { isAbsolute, join, normalize, resolve } from "node:path";
import { ShimError } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec, SpecMount } from "@runwasi/oci";

/** open(2): a descriptor that only names a file; node:fs does not export it. */
const O_PATH = 0o10000000;
/** limits.h: no path that a process can name is longer. It bounds the descriptors of a walk. */
const PATH_MAX = 4096;
/** As many symlinks as Linux follows in one path; path_resolution(7). */
const MAX_SYMLINKS = 40;

/** A file as the container will see it, held by an O_PATH descriptor. */
export interface ContainerFile extends Disposable {
  /** The descriptor's path, which opens this very file whatever becomes of its name. */
  readonly descriptorPath: string;
  /** The file's path inside the container, without symlinks. */
  readonly path: string;
  readonly stats: Stats;
}

/**
 * The files of a container that is not running yet: its rootfs with the spec's bind mounts laid over it.
 *
 * Everything in an image or a volume is hostile and may change meanwhile. Each path component is opened by itself,
 * never through a symlink; symlinks are read and followed here, against the container's root, so none leads out, and a
 * file swapped half-way is one of the container's all the same.
 */
export interface ContainerFiles {
  /**
   * Finds a file by an absolute path inside the container; the caller disposes it. Undefined when there is none, or when
   * it would come from a mount whose content only the running container has (tmpfs, proc).
   */
  open(path: string): ContainerFile | undefined;
  /**
   * Makes a directory and its parents with mode 0755 where they are missing, as OCI runtimes do for `process.cwd`.
   *
   * @throws ShimError InvalidArgument when one cannot be made, as below a file.
   */
  ensureDirectory(path: string): void;
}

/** @param bundle folder of the spec, to which its relative paths are relative */
export function containerFiles(bundle: string, spec: RuntimeSpec): ContainerFiles {
  const rootfs = resolve(bundle, spec.root?.path ?? "rootfs");
  const mounts = new Map<string, SpecMount>();
  for (const mount of spec.mounts ?? []) mounts.set(normalizePath(mount.destination), mount);
  const walk = (path: string, create: boolean) => new Walk(rootfs, bundle, mounts, create).resolve(path);
  return {
    open: (path) => walk(path, false),
    ensureDirectory(path) {
      using _file = walk(path, true);
    },
  };
}

/** An absolute path without `.`, `..`, doubled and trailing slashes. */
export function normalizePath(path: string): string {
  const normal = normalize(join("/", path));
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

interface Step {
  readonly fd: number;
  readonly path: string;
}

/** One resolution. Holds a descriptor for every directory on the way, so that `..` needs no look-up. */
class Walk {
  readonly #rootfs: string;
  readonly #bundle: string;
  readonly #mounts: ReadonlyMap<string, SpecMount>;
  readonly #create: boolean;
  #symlinks = 0;

  constructor(rootfs: string, bundle: string, mounts: ReadonlyMap<string, SpecMount>, create: boolean) {
    this.#rootfs = rootfs;
    this.#bundle = bundle;
    this.#mounts = mounts;
    this.#create = create;
  }

  resolve(path: string): ContainerFile | undefined {
    if (path.length >= PATH_MAX) return undefined;
    const root = openStep(this.#rootfs, "/");
    if (root === undefined) return undefined;
    const trail: Step[] = [root];
    const components = path.split("/");
    try {
      for (let name = components.shift(); name !== undefined; name = components.shift()) {
        if (name === "" || name === ".") continue;
        if (name === "..") {
          if (trail.length > 1) closeSync(trail.pop()?.fd ?? -1);
          continue;
        }
        const directory = trail.at(-1) ?? root;
        const next = this.#enter(directory, name);
        if (next === undefined) return undefined;
        if (!fstatSync(next.fd).isSymbolicLink()) {
          trail.push(next);
          continue;
        }
        closeSync(next.fd);
        const target = readSymlink(directory, name);
        this.#symlinks += 1;
        if (target === undefined || this.#symlinks > MAX_SYMLINKS) return undefined;
        if (isAbsolute(target)) for (const step of trail.splice(1)) closeSync(step.fd);
        components.unshift(...target.split("/"));
      }
      return takeLast(trail);
    } finally {
      for (const step of trail) closeSync(step.fd);
    }
  }

  #enter(directory: Step, name: string): Step | undefined {
    const path = directory.path === "/" ? `/${name}` : `${directory.path}/${name}`;
    const mount = this.#mounts.get(path);
    if (mount !== undefined) {
      // A mount of the container's own has nothing to find yet. A bind's source is containerd's word, not the image's.
      return isBind(mount) && mount.source !== undefined
        ? openStep(resolve(this.#bundle, mount.source), path)
        : undefined;
    }
    const hostPath = `/proc/self/fd/${directory.fd}/${name}`;
    const found = openStep(hostPath, path, constants.O_NOFOLLOW);
    if (found !== undefined || !this.#create) return found;
    try {
      mkdirSync(hostPath, { mode: 0o755 });
    } catch (error) {
      throw new ShimError("InvalidArgument", `cannot make directory "${path}": ${codeOf(error)}`, {
        cause: error,
      });
    }
    return openStep(hostPath, path, constants.O_NOFOLLOW);
  }
}

// Not its message, which names a path below /proc/self/fd.
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

// By name, so another symlink may have taken its place: its target is resolved in the container like any.
function readSymlink(directory: Step, name: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${directory.fd}/${name}`);
  } catch {
    return undefined; // it is gone, or no symlink any more
  }
}

function isBind({ type, options }: SpecMount): boolean {
  return type === "bind" || (options ?? []).some((option) => option === "bind" || option === "rbind");
}

function openStep(hostPath: string, path: string, flags = 0): Step | undefined {
  try {
    return { fd: openSync(hostPath, O_PATH | flags), path };
  } catch {
    return undefined; // ENOENT, ENOTDIR, ELOOP: no such file in the container
  }
}

function takeLast(trail: Step[]): ContainerFile | undefined {
  const last = trail.pop();
  if (last === undefined) return undefined;
  const descriptorPath = `/proc/self/fd/${last.fd}`;
  return {
    descriptorPath,
    path: last.path,
    stats: fstatSync(last.fd),
    [Symbol.dispose]: () => closeSync(last.fd),
  };
}
