// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import { isObject, isString, type JsonObject } from "@runwasi/oci";
import { normalizePath } from "./rootfs/container-file.ts";

/** The node's configuration of a Wasm shim, from the runtime options of containerd's configuration. */
export interface WasmConfig {
  /** Absolute path of the engine's executable; undefined: found on PATH. */
  readonly enginePath: string | undefined;
  /** Directories that a guest gets when its pod says nothing. */
  readonly defaultPreopens: readonly string[];
  /** A pod may ask for these directories and those below them, nothing else. */
  readonly maximumPreopens: readonly string[];
}

/**
 * Parses the options that shimkit left over: `[preopens] default, maximum` and `[<engine>] path`.
 *
 * A table of another engine is fine, so that one file serves all shims of a node.
 *
 * @throws ShimError InvalidArgument naming the option and what is accepted.
 */
export function parseConfig(options: JsonObject, engine: string, engines: readonly string[]): WasmConfig {
  assertKnown(options, ["preopens", ...engines], "");
  const preopens = table(options, "preopens");
  assertKnown(preopens, ["default", "maximum"], "preopens.");
  for (const name of engines) assertKnown(table(options, name), ["path"], `${name}.`);
  const { path } = table(options, engine);
  if (path !== undefined && !(isString(path) && path.startsWith("/"))) {
    throw new ShimError("InvalidArgument", `cannot use runtime option "${engine}.path" (an absolute path)`);
  }
  const maximumPreopens = pathList(preopens["maximum"], "preopens.maximum") ?? ["/"];
  const defaultPreopens = pathList(preopens["default"], "preopens.default") ?? maximumPreopens;
  return { enginePath: path, defaultPreopens, maximumPreopens };
}

function assertKnown(options: JsonObject, known: readonly string[], prefix: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const accepted = known.map((option) => prefix + option).join(", ");
    throw new ShimError("InvalidArgument", `runtime option "${prefix}${name}" is not known (${accepted})`);
  }
}

function table(options: JsonObject, name: string): JsonObject {
  const value = options[name] ?? {};
  if (!isObject(value))
    throw new ShimError("InvalidArgument", `cannot use runtime option "${name}" (a table)`);
  return value;
}

function pathList(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((path) => isString(path) && path.startsWith("/"))) {
    throw new ShimError("InvalidArgument", `cannot use runtime option "${name}" (a list of absolute paths)`);
  }
  return value.map(normalizePath);
}
