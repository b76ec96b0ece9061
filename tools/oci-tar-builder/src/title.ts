// SPDX-License-Identifier: Apache-2.0
import { BuildError } from "./build-error.ts";

/** What file systems take for a name. */
const MAX_NAME_BYTES = 255;
// Control characters, and the separator of other systems, on which the archive may be unpacked.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

/**
 * Takes a relative path that stays below the folder it is unpacked into, on any system: the title of a layer, as which
 * `oras pull` writes it, or a file of a rootfs. Answers it as it is.
 *
 * @throws BuildError "input" for any other.
 */
export function checkTitle(title: string): string {
  const names = title.split("/");
  const reason =
    (title === "" && "it is empty") ||
    (title.startsWith("/") && "it is absolute") ||
    (FORBIDDEN.test(title) && "it has a backslash or control character") ||
    (names.some((name) => name === "" || name === "." || name === "..") &&
      'it has an empty part, "." or ".."') ||
    (names.some((name) => Buffer.byteLength(name) > MAX_NAME_BYTES) &&
      `a part is over ${MAX_NAME_BYTES} bytes`);
  if (reason !== false)
    throw new BuildError(
      "input",
      `cannot use title ${JSON.stringify(title)}: ${reason} (a relative path such as "app.wasm")`,
    );
  return title;
}

/** @throws BuildError "input" when two are equal: a reader could not tell them apart, nor write both. */
export function assertDistinct(titles: readonly string[]): void {
  const twice = titles.find((title, index) => titles.indexOf(title) !== index);
  if (twice !== undefined)
    throw new BuildError("input", `cannot use title "${twice}" twice (name one otherwise: <title>=<file>)`);
}
