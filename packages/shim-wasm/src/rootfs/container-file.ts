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
  let mounts: ReadonlyMap<string, SpecMount> | undefined;
  const walk = (whenMissing: WhenMissing) => {
    mounts ??= canonicalMounts(rootfs, bundle, spec.mounts ?? []);
    return new Walk({ rootfs, bundle, mounts, whenMissing });
  };
  return {
    open: (path) => walk("give up").resolve(path),
    ensureDirectory(path) {
      using _file = walk("create").resolve(path);
    },
  };
}

// As the runtime mounts, through symlinks of the image: a volume at /var/run/x is at /run/x where /var/run leads there.
function canonicalMounts(
  rootfs: string,
  bundle: string,
  list: readonly SpecMount[],
): ReadonlyMap<string, SpecMount> {
  const mounts = new Map<string, SpecMount>();
  for (const mount of list) {
    const walk = new Walk({ rootfs, bundle, mounts, whenMissing: "suppose" });
    mounts.set(walk.canonicalPath(mount.destination), mount);
  }
  return mounts;
}

/** An absolute path without `.`, `..`, doubled and trailing slashes. */
export function normalizePath(path: string): string {
  const normal = normalize(join("/", path));
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

interface Step {
  /** SUPPOSED for a directory that is not there yet. */
  readonly fd: number;
  readonly path: string;
}

/** In place of the descriptor of a directory that the runtime will make, above a mount point. */
const SUPPOSED = -1;

/** What a walk does where a component is missing. */
type WhenMissing = "give up" | "create" | "suppose";

interface WalkOptions {
  readonly rootfs: string;
  readonly bundle: string;
  /** By canonical destination. */
  readonly mounts: ReadonlyMap<string, SpecMount>;
  readonly whenMissing: WhenMissing;
}

/** One resolution. Holds a descriptor for every directory on the way, so that `..` needs no look-up. */
class Walk {
  readonly #options: WalkOptions;
  #symlinks = 0;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** The file at a path; the caller disposes it. */
  resolve(path: string): ContainerFile | undefined {
    const trail = this.#follow(path);
    try {
      return takeLast(trail);
    } finally {
      closeAll(trail);
    }
  }

  /** The path without symlinks; what is not there is supposed to be directories. */
  canonicalPath(path: string): string {
    const trail = this.#follow(path);
    closeAll(trail);
    return trail.at(-1)?.path ?? normalizePath(path);
  }

  /** Every directory on the way and the file itself, for the caller to close; empty when it cannot be reached. */
  #follow(path: string): Step[] {
    const root = path.length < PATH_MAX ? openStep(this.#options.rootfs, "/") : undefined;
    if (root === undefined) return [];
    const trail: Step[] = [root];
    try {
      if (this.#descend(trail, root, path.split("/"))) return trail;
    } catch (error) {
      closeAll(trail);
      throw error;
    }
    closeAll(trail);
    return [];
  }

  /** Extends a trail by components; false when one cannot be reached. */
  #descend(trail: Step[], root: Step, components: string[]): boolean {
    for (let name = components.shift(); name !== undefined; name = components.shift()) {
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (trail.length > 1) closeAll(trail.splice(-1));
        continue;
      }
      const directory = trail.at(-1) ?? root;
      const next = this.#enter(directory, name);
      if (next === undefined) return false;
      if (!isSymlink(next)) {
        trail.push(next);
        continue;
      }
      closeAll([next]);
      const target = readSymlink(directory, name);
      this.#symlinks += 1;
      if (target === undefined || this.#symlinks > MAX_SYMLINKS) return false;
      if (isAbsolute(target)) closeAll(trail.splice(1));
      components.unshift(...target.split("/"));
    }
    return true;
  }

  #enter(directory: Step, name: string): Step | undefined {
    const { bundle, mounts, whenMissing } = this.#options;
    const path = directory.path === "/" ? `/${name}` : `${directory.path}/${name}`;
    const mount = mounts.get(path);
    // A mount of the container's own has nothing to find yet. A bind's source is containerd's word, not the image's.
    const found =
      mount === undefined
        ? openStep(hostPathOf(directory, name), path, constants.O_NOFOLLOW)
        : isBind(mount) && mount.source !== undefined
          ? openStep(resolve(bundle, mount.source), path)
          : undefined;
    if (found !== undefined) return found;
    if (whenMissing === "suppose" || this.#isAboveMount(path)) return { fd: SUPPOSED, path };
    return whenMissing === "create" && mount === undefined ? makeStep(directory, name, path) : undefined;
  }

  // Its mount point is made by the runtime, with the directories above it.
  #isAboveMount(path: string): boolean {
    return [...this.#options.mounts.keys()].some((destination) => destination.startsWith(`${path}/`));
  }
}

function hostPathOf(directory: Step, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

function makeStep(directory: Step, name: string, path: string): Step | undefined {
  const hostPath = hostPathOf(directory, name);
  try {
    mkdirSync(hostPath, { mode: 0o755 });
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot make directory "${path}": ${codeOf(error)}`, {
      cause: error,
    });
  }
  return openStep(hostPath, path, constants.O_NOFOLLOW);
}

function isSymlink({ fd }: Step): boolean {
  return fd !== SUPPOSED && fstatSync(fd).isSymbolicLink();
}

function closeAll(steps: readonly Step[]): void {
  for (const { fd } of steps) if (fd !== SUPPOSED) closeSync(fd);
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
  if (last === undefined || last.fd === SUPPOSED) return undefined;
  const descriptorPath = `/proc/self/fd/${last.fd}`;
  return {
    descriptorPath,
    path: last.path,
    stats: fstatSync(last.fd),
    [Symbol.dispose]: () => closeSync(last.fd),
  };
}
