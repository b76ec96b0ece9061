// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from "@runwasi/oci";
import { parseOptionValue, type EngineOption } from "../engine-options.ts";

/** What a node says of compiling ahead of time. */
export interface PrecompileConfig {
  readonly enabled: boolean;
  /** Of the compiler, what it writes included. */
  readonly memoryLimitBytes: number;
  readonly timeoutMs: number;
  /** A smaller module is run as it is. */
  readonly minimumModuleBytes: number;
  /** Where compiled files of images with a rootfs are kept. */
  readonly folder: string;
  readonly folderLimitBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX_BYTES = 2 ** 48;

const bytes = (description: string, minimum: number): EngineOption => ({
  kind: "count",
  description,
  unit: "bytes",
  minimum,
  maximum: MAX_BYTES,
});

type PrecompileOption =
  | "enabled"
  | "memory-limit-bytes"
  | "timeout-ms"
  | "minimum-module-bytes"
  | "folder"
  | "folder-limit-bytes";

/** What may be set in the table `precompile`. */
export const PRECOMPILE_OPTIONS: Readonly<Record<PrecompileOption, EngineOption>> = {
  enabled: { kind: "switch", description: "compile modules once, ahead of time, and keep the result" },
  "memory-limit-bytes": bytes("memory of one compilation", 16 * MIB),
  "timeout-ms": {
    kind: "count",
    description: "time for one compilation",
    unit: "milliseconds",
    minimum: 1,
    maximum: 2 ** 31,
  },
  "minimum-module-bytes": bytes("a smaller module is run as it is", 0),
  folder: { kind: "file", description: "where compiled files are kept" },
  "folder-limit-bytes": bytes("how much is kept there", 0),
};

/**
 * Kubernetes waits two minutes for a container to start. Cranelift compiles 128 KiB in some 100 ms of a processor, which is
 * about what the sandbox costs.
 */
export const PRECOMPILE_DEFAULTS: PrecompileConfig = {
  enabled: true,
  memoryLimitBytes: 2048 * MIB,
  timeoutMs: 60_000,
  minimumModuleBytes: 128 * KIB,
  folder: "/var/lib/runwasi/precompiled",
  folderLimitBytes: 2048 * MIB,
};

/** @throws ShimError InvalidArgument for a value that is not accepted. Names are the caller's to check. */
export function parsePrecompileConfig(table: JsonObject): PrecompileConfig {
  const value = (name: PrecompileOption) =>
    table[name] === undefined
      ? undefined
      : parseOptionValue(PRECOMPILE_OPTIONS[name], table[name], `option "precompile.${name}"`);
  const count = (name: PrecompileOption, otherwise: number) => {
    const set = value(name);
    return typeof set === "number" ? set : otherwise;
  };
  const [enabled, folder] = [value("enabled"), value("folder")];
  return {
    enabled: typeof enabled === "boolean" ? enabled : PRECOMPILE_DEFAULTS.enabled,
    memoryLimitBytes: count("memory-limit-bytes", PRECOMPILE_DEFAULTS.memoryLimitBytes),
    timeoutMs: count("timeout-ms", PRECOMPILE_DEFAULTS.timeoutMs),
    minimumModuleBytes: count("minimum-module-bytes", PRECOMPILE_DEFAULTS.minimumModuleBytes),
    folder: typeof folder === "string" ? folder : PRECOMPILE_DEFAULTS.folder,
    folderLimitBytes: count("folder-limit-bytes", PRECOMPILE_DEFAULTS.folderLimitBytes),
  };
}
