// SPDX-License-Identifier: Apache-2.0
import { MalformedError, parseAnnotations, parseRuntimeSpec, type RuntimeSpec } from "@runwasi/oci";
import { messageOf, ShimError } from "./error.ts";
import { hasErrno } from "./linux/errno.ts";
import { isThere, readText } from "./linux/file-syscalls.ts";

/**
 * Reads the config.json of the bundle at a path.
 *
 * @throws ShimError NotFound for a bundle or config.json that is missing, InvalidArgument for a broken one.
 */
export function readSpec(bundle: string): RuntimeSpec {
  return parseConfigJson(bundle, parseRuntimeSpec);
}

/** As `readSpec`, only the annotations: every `start` reads them, and checking the rest takes longer than all else. */
export function readAnnotations(bundle: string): Readonly<Record<string, string>> {
  return parseConfigJson(bundle, parseAnnotations);
}

function parseConfigJson<T>(bundle: string, parse: (text: string) => T): T {
  const path = `${bundle}/config.json`;
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const missing = hasErrno(error, "ENOENT", "ENOTDIR");
    const what = missing && !isThere(bundle) ? `bundle "${bundle}"` : `"${path}"`;
    throw new ShimError(missing ? "NotFound" : "Internal", `cannot read ${what}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new ShimError("InvalidArgument", `cannot use "${path}": ${error.message}`, { cause: error });
  }
}
