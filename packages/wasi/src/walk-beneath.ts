// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync } from "node:fs";
import { ERRNO, WasiErrno } from "./errno.ts";
import { components, isDots, isParent } from "./guest-path.ts";
import type { Kernel } from "./kernel.ts";
import { O_PATH } from "./linux-kernel.ts";

/** As many links as the kernel follows in one look-up: path_resolution(7). */
const MAX_SYMLINKS = 40;
const SLASH = 0x2f;

/**
 * Opens `path` below `dirFd` without openat2, one component at a time.
 *
 * Every directory on the way is held open and `..` goes back to the one held, so that a directory which is moved
 * meanwhile leads nowhere new; no component is ever followed by the kernel. See `OpenBeneath` for the contract.
 */
export function walkBeneath(
  kernel: Kernel,
  dirFd: number,
  path: Uint8Array,
  flags: number,
  mode: number,
): number {
  using walk = new Walk(kernel, dirFd, path);
  const { O_DIRECTORY, O_NOFOLLOW, O_CREAT, O_EXCL } = constants;
  // open(2): with O_EXCL a link at the end is not followed either.
  const keepsLink = (flags & (O_NOFOLLOW | O_EXCL)) !== 0;
  for (;;) {
    const name = walk.pending.shift();
    const isLast = walk.pending.length === 0;
    if (name === undefined) return kernel.openat(walk.current, DOT, flags & ~O_CREAT, 0);
    if (isDots(name)) {
      if (isParent(name)) walk.leave();
      continue;
    }
    const mustBeDirectory = isLast && walk.needsDirectory;
    if (walk.enterLink(name, isLast && keepsLink && !mustBeDirectory)) continue;
    if (isLast) {
      const directory = mustBeDirectory ? O_DIRECTORY : 0;
      if (mustBeDirectory && (flags & O_CREAT) !== 0) throw new WasiErrno(ERRNO.ISDIR);
      return kernel.openat(walk.current, name, flags | O_NOFOLLOW | directory, mode);
    }
    walk.enter(kernel.openat(walk.current, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0));
  }
}

const DOT: Uint8Array = Uint8Array.of(0x2e);

class Walk implements Disposable {
  readonly #kernel: Kernel;
  readonly #rootFd: number;
  readonly #entered: number[] = [];
  #symlinks = 0;
  pending: Uint8Array[];
  /** The path, or a link at its end, ended in a slash. */
  needsDirectory: boolean;

  constructor(kernel: Kernel, rootFd: number, path: Uint8Array) {
    if (path[0] === SLASH) throw new WasiErrno(ERRNO.PERM);
    this.#kernel = kernel;
    this.#rootFd = rootFd;
    this.pending = components(path);
    this.needsDirectory = path.at(-1) === SLASH;
  }

  get current(): number {
    return this.#entered.at(-1) ?? this.#rootFd;
  }

  enter(fd: number): void {
    this.#entered.push(fd);
  }

  leave(): void {
    const fd = this.#entered.pop();
    if (fd === undefined) throw new WasiErrno(ERRNO.PERM);
    closeSync(fd);
  }

  /** Puts a link's target in front of what is left; false when `name` is no link, or one not to be followed. */
  enterLink(name: Uint8Array, keepsLink: boolean): boolean {
    if (keepsLink) return false;
    const target = this.#readlink(name);
    if (target === undefined) return false;
    this.#symlinks += 1;
    if (this.#symlinks > MAX_SYMLINKS) throw new WasiErrno(ERRNO.LOOP);
    if (target[0] === SLASH) throw new WasiErrno(ERRNO.PERM);
    if (this.pending.length === 0 && target.at(-1) === SLASH) this.needsDirectory = true;
    this.pending = [...components(target), ...this.pending];
    return true;
  }

  // Through a descriptor of the link itself, so that what is read is what was looked at.
  #readlink(name: Uint8Array): Uint8Array | undefined {
    const fd = this.#openLink(name);
    if (fd === undefined) return undefined;
    try {
      return fstatSync(fd).isSymbolicLink() ? this.#kernel.readlinkat(fd, EMPTY) : undefined;
    } finally {
      closeSync(fd);
    }
  }

  #openLink(name: Uint8Array): number | undefined {
    try {
      return this.#kernel.openat(this.current, name, O_PATH | constants.O_NOFOLLOW, 0);
    } catch (error) {
      if (error instanceof WasiErrno && error.errno === ERRNO.NOENT) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const fd of this.#entered.splice(0)) closeSync(fd);
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
