// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Spawn } from "./run-runtime.ts";

type Version = readonly [major: number, minor: number, patch: number];

/**
 * The newest runtime-spec version that this runtime executable says it takes (`spec:` in `--version`), or
 * undefined when it does not say.
 *
 * An older crun refuses a config.json of a newer version outright, fields it would understand included. Asking
 * costs a process, so the answer is kept in `cacheDir` under the executable's identity (device, inode, mtime,
 * size): an upgraded runtime is asked again.
 */
export async function readSpecVersion(
  executable: string,
  cacheDir: string,
  spawn: Spawn,
): Promise<string | undefined> {
  const { dev, ino, mtimeMs, size } = statSync(executable);
  const cached = join(cacheDir, `spec-version-${dev}-${ino}-${mtimeMs}-${size}`);
  try {
    return readFileSync(cached, "utf8") || undefined;
  } catch {
    // not asked yet
  }
  const child = spawn([executable, "--version"], { stdio: ["ignore", "pipe", "ignore"], env: {}, cwd: "/" });
  const output = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
  const status = await child.exited;
  const version = parseSpecVersion(output);
  if (status !== 0) return version; // it failed this time, and may answer the next
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
  const temporary = `${cached}.${process.pid}`;
  writeFileSync(temporary, version ?? "");
  renameSync(temporary, cached);
  return version;
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
