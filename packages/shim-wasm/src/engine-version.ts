// SPDX-License-Identifier: Apache-2.0
import { ShimError, type InstanceHost } from "@runwasi/containerd-shimkit";
import type { EngineExecutable } from "./engine.ts";
import { versionOutput } from "@runwasi/oci-runtime";

/** A first line longer than this is not looked at. */
const MAX_LINE_CHARS = 200;

/**
 * Checks, once for each executable, that an engine is new enough, and answers its version.
 *
 * @throws ShimError FailedPrecondition when it is older, or says no version.
 */
export async function assertEngineVersion(
  executable: string,
  { name: engine, minimumVersion, versionEnvironment = [] }: Installed,
  host: InstanceHost,
): Promise<string> {
  const output = await versionOutput(executable, {
    folder: host.stateDir,
    name: "engine-version",
    spawn: host.spawn,
    env: Object.fromEntries(versionEnvironment.map((entry) => entry.split("=", 2))),
  });
  const version = parseVersion(output);
  if (isAtLeast(version, minimumVersion)) return version;
  const found = version === "" ? "it says no version" : `it is of version ${version}`;
  throw new ShimError(
    "FailedPrecondition",
    `cannot use engine "${executable}": ${found} (${engine} ${minimumVersion} or newer is needed)`,
  );
}

type Installed = Extract<EngineExecutable, { kind: "installed" }>;

/** The first version of three numbers in the first line of what an engine prints; empty when there is none. */
export function parseVersion(output: string): string {
  const [line = ""] = output.split("\n");
  return /\d+\.\d+\.\d+/.exec(line.slice(0, MAX_LINE_CHARS))?.[0] ?? "";
}

/** Whether a version of three numbers is the minimum or newer. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [asked, least] = [numbers(version), numbers(minimum)];
  if (asked === undefined || least === undefined) return false;
  const difference = asked.findIndex((part, index) => part !== least[index]);
  return difference < 0 || (asked[difference] ?? 0) > (least[difference] ?? 0);
}

function numbers(version: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  return match?.slice(1).map(Number);
}
