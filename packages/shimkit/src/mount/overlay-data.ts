// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";
import { O_PATH } from "./is-mounted.ts";

/**
 * What mount(2) takes as data: the kernel copies one page and ends it with a NUL itself, so what is longer would
 * be cut short unsaid. Pages are at least this big.
 */
export const MAX_DATA_BYTES = 4095;

/** The option that names an overlay's read-only layers. */
export const LOWER_DIRS = "lowerdir=";

/** Data for mount(2), valid until it is disposed of; who holds it disposes of it after the call. */
export interface MountData extends Disposable {
  readonly text: string;
}

/**
 * Joins options into mount data. When an overlay of many layers would not fit, its layers are opened and named
 * by descriptor: `/proc/self/fd/<n>` takes 16 to 18 bytes each, which leaves room for 200 of them. The working
 * directory stays out of it, as other calls run at the same time.
 *
 * @throws Error of node:fs when a layer of such an overlay is not a directory. The text can still be longer
 * than MAX_DATA_BYTES, which is for the caller to refuse.
 */
export function openMountData(type: string, options: readonly string[]): MountData {
  const text = options.join(",");
  if (type !== "overlay" || Buffer.byteLength(text) <= MAX_DATA_BYTES) return { text, [Symbol.dispose]() {} };
  using undo = new DisposableStack();
  const open = (path: string) => {
    const fd = openSync(path, constants.O_DIRECTORY | O_PATH);
    undo.defer(() => closeSync(fd));
    return `/proc/self/fd/${fd}`;
  };
  const short = options.map((option) => (option.startsWith(LOWER_DIRS) ? mapLayers(option, open) : option));
  const opened = undo.move();
  return { text: short.join(","), [Symbol.dispose]: () => opened.dispose() };
}

/** A `lowerdir=` option with each of its directories replaced; `map` gives paths that need no escaping. */
export function mapLayers(option: string, map: (path: string) => string): string {
  const layers = splitLayers(option.slice(LOWER_DIRS.length));
  return LOWER_DIRS + layers.map((layer) => (layer === "" ? "" : map(layer))).join(":");
}

/**
 * The directories of a `lowerdir=` option, topmost first; an empty one marks where data-only layers begin.
 *
 * Colons and commas in names are escaped with a backslash.
 * @see https://docs.kernel.org/filesystems/overlayfs.html#multiple-lower-layers
 */
export function splitLayers(value: string): readonly string[] {
  // A colon separates unless an odd number of backslashes stands before it.
  return value.split(/(?<=(?<!\\)(?:\\\\)*):/).map(unescape);
}

function unescape(path: string): string {
  return path.replaceAll(/\\(.)/gs, "$1");
}

/** The first directory that an overlay is to be made of and that is not there; for the error message. */
export function missingOverlayDirectory(options: readonly string[]): string | undefined {
  return options.flatMap(directoriesOf).find((path) => !mayBeDirectory(path));
}

function directoriesOf(option: string): readonly string[] {
  if (option.startsWith(LOWER_DIRS)) return splitLayers(option.slice(LOWER_DIRS.length)).filter(Boolean);
  const [, own] = /^(?:upperdir|workdir)=(.+)$/s.exec(option) ?? [];
  return own === undefined ? [] : [unescape(own)];
}

function mayBeDirectory(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_DIRECTORY | O_PATH));
    return true;
  } catch (error) {
    return !hasErrno(error, "ENOENT", "ENOTDIR");
  }
}
