// SPDX-License-Identifier: Apache-2.0
import type { InstanceHost } from "@runwasi/containerd-shimkit";
import { cachedByIdentity } from "@runwasi/oci-runtime";
import type { Closure } from "../closure/closure.ts";
import { fileDigest } from "./file-digest.ts";

/** SHA-256 of every file of an engine's closure, each computed once: a library can be upgraded without the engine. */
export function closureDigests(
  { executable, loader, libraries }: Closure,
  { stateDir }: Pick<InstanceHost, "stateDir">,
): Promise<readonly string[]> {
  const files = [executable, ...(loader === undefined ? [] : [loader]), ...libraries];
  return Promise.all(files.map((file) => digestOf(file, stateDir)));
}

function digestOf(file: string, folder: string): Promise<string> {
  return cachedByIdentity(file, {
    folder,
    name: "digest",
    parse(text) {
      const kept: unknown = JSON.parse(text);
      return typeof kept === "string" ? kept : undefined;
    },
    compute() {
      const found = fileDigest(file);
      if (found === undefined) throw new Error(`"${file}" is not a regular file`);
      return Promise.resolve({ found, isFinal: true });
    },
  });
}
