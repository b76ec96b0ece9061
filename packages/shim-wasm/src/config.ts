// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import { isObject, isString, type JsonObject } from "@runwasi/oci";
import { parseOptionValue, type OptionValue, type OptionValues } from "./engine-options.ts";
import { loadEngine, type EngineModule } from "./engine-module.ts";
import type { Engine } from "./engine.ts";
import { NODE_CONFIG } from "./node-config.ts";
import {
  parsePrecompileConfig,
  PRECOMPILE_OPTIONS,
  type PrecompileConfig,
} from "./precompile/precompile-config.ts";
import { normalizePath } from "./rootfs/container-file.ts";

/** What a shim may be made to run. */
export const WORKLOAD_KINDS = ["wasm", "native"] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** The configuration of a Wasm shim. */
export interface WasmConfig {
  /** Absolute path of the engine's executable; undefined: found on PATH. */
  readonly enginePath: string | undefined;
  /** What the node sets of the engine's options. */
  readonly engineOptions: OptionValues;
  /** The engine's options that a pod may set by annotation. */
  readonly allowedOptions: readonly string[];
  readonly workloads: readonly WorkloadKind[];
  /** Directories that a guest gets when its pod says nothing. */
  readonly defaultPreopens: readonly string[];
  /** A pod may ask for these directories and those below them, nothing else. */
  readonly maximumPreopens: readonly string[];
  readonly precompile: PrecompileConfig;
}

/**
 * Parses the node's configuration and the runtime options that shimkit left over, which have the same form: `workloads`,
 * `[preopens] default, maximum`, `[precompile]` and `[<engine>] path, allow` and the engine's own options. The latter
 * override.
 *
 * A table of another engine is fine, so that one file serves all shims of a node.
 *
 * @throws ShimError InvalidArgument naming the option and what is accepted.
 */
export async function parseConfig(
  node: JsonObject,
  runtime: JsonObject,
  engine: Engine,
  engines: readonly (Engine | EngineModule)[],
): Promise<WasmConfig> {
  const options = { ...node, ...runtime };
  if (Object.hasOwn(runtime, "daemon"))
    refuse("daemon", `in ${NODE_CONFIG} only, for \`start\` has no others`);
  const tables = ["preopens", "precompile", ...engines.map(({ name }) => name)];
  assertKnown(options, ["daemon", "workloads", ...tables], "");
  const table = (name: string) => ({ ...tableOf(node, name), ...tableOf(runtime, name) });
  const preopens = table("preopens");
  assertKnown(preopens, ["default", "maximum"], "preopens.");
  const precompile = table("precompile");
  assertKnown(precompile, Object.keys(PRECOMPILE_OPTIONS), "precompile.");
  const maximumPreopens = pathList(preopens["maximum"], "preopens.maximum") ?? ["/"];
  // A mistake shows in whichever shim runs first.
  const others = engines.filter(({ name }) => name !== engine.name && Object.hasOwn(options, name));
  for (const other of others) parseEngine(await loadEngine(other), table(other.name));
  return {
    ...parseEngine(engine, table(engine.name)),
    workloads: listOf(options["workloads"], WORKLOAD_KINDS, "workloads") ?? WORKLOAD_KINDS,
    defaultPreopens: pathList(preopens["default"], "preopens.default") ?? maximumPreopens,
    maximumPreopens,
    precompile: parsePrecompileConfig(precompile),
  };
}

function parseEngine(
  { name: engine, options: declared = {} }: Engine,
  { path, allow, ...table }: JsonObject,
): Pick<WasmConfig, "enginePath" | "engineOptions" | "allowedOptions"> {
  const names = Object.keys(declared);
  assertKnown(table, ["path", "allow", ...names], `${engine}.`);
  if (path !== undefined && !(isString(path) && path.startsWith("/")))
    refuse(`${engine}.path`, "an absolute path");
  const engineOptions = new Map<string, OptionValue>();
  for (const [name, option] of Object.entries(declared)) {
    const value = table[name];
    if (value !== undefined)
      engineOptions.set(name, parseOptionValue(option, value, `option "${engine}.${name}"`));
  }
  return { enginePath: path, engineOptions, allowedOptions: listOf(allow, names, `${engine}.allow`) ?? [] };
}

function assertKnown(options: JsonObject, known: readonly string[], prefix: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const accepted = known.map((option) => prefix + option).join(", ");
    throw new ShimError("InvalidArgument", `option "${prefix}${name}" is not known (${accepted})`);
  }
}

function tableOf(options: JsonObject, name: string): JsonObject {
  const value = options[name] ?? {};
  return isObject(value) ? value : refuse(name, "a table");
}

function listOf<T extends string>(
  value: unknown,
  known: readonly T[],
  name: string,
): readonly T[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return refuse(name, `a list of: ${known.join(", ")}`);
  return value.map(
    (entry) => known.find((one) => one === entry) ?? refuse(name, `a list of: ${known.join(", ")}`),
  );
}

function pathList(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((path) => isString(path) && path.startsWith("/")))
    return refuse(name, "a list of absolute paths");
  return value.map(normalizePath);
}

function refuse(name: string, accepted: string): never {
  throw new ShimError("InvalidArgument", `cannot use option "${name}" (${accepted})`);
}
