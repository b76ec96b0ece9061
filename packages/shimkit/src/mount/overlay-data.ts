// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync } from "node:fs";
import { hasErrno } from "../linux/errno.ts";
import { O_PATH } from "./mount-point.ts";

/**
 * What mount(2) takes as data: the kernel copies one page and ends it with a NUL itself, so what is longer would
 * be cut short unsaid. Pages are at least this big.
 */
export const MAX_DATA_BYTES = 4095;

const LOWER_DIRS = "lowerdir=";

/** Data for mount(2), valid until it is disposed of; who holds it disposes of it after the call. */
export interface MountData extends Disposable {
  readonly text: string;
}

/**
 * Joins options into mount data. When an overlay of many layers would not fit, its layers are opened and named
 * by descriptor: `/proc/self/fd/<n>` takes 16 to 18 bytes each, which leaves room for 200 of them.
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
  const short = options.map((option) => {
    if (!option.startsWith(LOWER_DIRS)) return option;
    return (
      LOWER_DIRS +
      splitLayers(option.slice(LOWER_DIRS.length))
        .map((layer) => layer && open(layer))
        .join(":")
    );
  });
  const opened = undo.move();
  return { text: short.join(","), [Symbol.dispose]: () => opened.dispose() };
}

/**
 * The directories of a `lowerdir=` option, topmost first; an empty one marks where data-only layers begin.
 *
 * @see https://docs.kernel.org/filesystems/overlayfs.html#multiple-lower-layers (colons in names are escaped)
 */
export function splitLayers(value: string): readonly string[] {
  const layers = value.match(/(?:\\.|[^\\:])+|(?<=:)(?=:)/gs) ?? [];
  return layers.map((layer) => layer.replaceAll(/\\(.)/gs, "$1"));
}

/** The first directory that an overlay is to be made of and that is not there; for the error message. */
export function missingOverlayDirectory(options: readonly string[]): string | undefined {
  for (const option of options) {
    const [name, value] = splitOnce(option);
    const paths = name === "lowerdir" ? splitLayers(value) : isOwnDirectory(name) ? [value] : [];
    const missing = paths.find((path) => path !== "" && !isDirectory(path));
    if (missing !== undefined) return missing;
  }
  return undefined;
}

function isOwnDirectory(name: string): boolean {
  return name === "upperdir" || name === "workdir";
}

function splitOnce(option: string): readonly [string, string] {
  const at = option.indexOf("=");
  return at < 0 ? [option, ""] : [option.slice(0, at), option.slice(at + 1)];
}

function isDirectory(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_DIRECTORY | O_PATH));
    return true;
  } catch (error) {
    return !hasErrno(error, "ENOENT", "ENOTDIR");
  }
}
