// SPDX-License-Identifier: Apache-2.0
import type { Spawn } from "./run-runtime.ts";
import { versionOutput } from "./version-output.ts";

type Version = readonly [major: number, minor: number, patch: number];

/**
 * The newest runtime-spec version that this runtime executable says it takes (`spec:` in `--version`), or
 * undefined when it does not say.
 *
 * An older crun refuses a config.json of a newer version outright, fields it would understand included.
 */
export async function readSpecVersion(
  executable: string,
  cacheDir: string,
  spawn: Spawn,
): Promise<string | undefined> {
  return parseSpecVersion(await versionOutput(executable, { folder: cacheDir, name: "spec-version", spawn }));
}

/** The version in the `spec:` line of `crun --version` or `runc --version`. */
export function parseSpecVersion(output: string): string | undefined {
  return /^spec: (\d+\.\d+\.\d+)/m.exec(output)?.[1];
}

/** The older of a spec's version and the newest that the runtime takes. */
export function lowerSpecVersion(specVersion: string, runtimeVersion: string | undefined): string {
  const asked = parseVersion(specVersion);
  const taken = runtimeVersion === undefined ? undefined : parseVersion(runtimeVersion);
  if (runtimeVersion === undefined || asked === undefined || taken === undefined) return specVersion;
  return isNewer(asked, taken) ? runtimeVersion : specVersion;
}

function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

function isNewer(a: Version, b: Version): boolean {
  if (a[0] !== b[0]) return a[0] > b[0];
  if (a[1] !== b[1]) return a[1] > b[1];
  return a[2] > b[2];
}
