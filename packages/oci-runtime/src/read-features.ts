// SPDX-License-Identifier: Apache-2.0
import { isObject } from "@runwasi/oci";
import { cachedByIdentity } from "./cached-by-identity.ts";
import type { Spawn } from "./run-runtime.ts";

/**
 * What this runtime executable says it can do, as the JSON that it prints for `features`; undefined for one that has no such
 * command, as crun before 1.9.
 *
 * @param cacheDir where the answer is kept until the executable is another
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.2.1/features.md
 */
export async function readFeatures(
  executable: string,
  cacheDir: string,
  spawn: Spawn,
): Promise<string | undefined> {
  const text = await cachedByIdentity(executable, {
    folder: cacheDir,
    name: "features",
    parse(kept) {
      const value: unknown = JSON.parse(kept);
      return typeof value === "string" ? value : undefined;
    },
    async compute() {
      const child = spawn([executable, "features"], {
        stdio: ["ignore", "pipe", "ignore"],
        env: {},
        cwd: "/",
      });
      const printed = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
      const status = await child.exited;
      // What a signal has ended may say it the next time.
      return { found: status === 0 ? compact(printed) : "", isFinal: status < 128 };
    },
  });
  return text === "" ? undefined : text;
}

function compact(printed: string): string {
  try {
    const features: unknown = JSON.parse(printed);
    return isObject(features) ? JSON.stringify(features) : "";
  } catch {
    return ""; // something else than an OCI runtime's features
  }
}
