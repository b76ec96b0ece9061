// SPDX-License-Identifier: Apache-2.0
import { MalformedError, parseRuntimeSpec, type RuntimeSpec } from "@runwasi/oci";
import { messageOf, ShimError } from "./error.ts";
import { hasErrno } from "./linux/errno.ts";
import { isThere, readText } from "./linux/file-syscalls.ts";

/**
 * Reads the config.json of the bundle at a path. Apart from the bundle's other files, which are no matter of `start`.
 *
 * @throws ShimError NotFound for a bundle or config.json that is missing, InvalidArgument for a broken one.
 */
export function readSpec(bundle: string): RuntimeSpec {
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
    return parseRuntimeSpec(text);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new ShimError("InvalidArgument", `cannot use "${path}": ${error.message}`, { cause: error });
  }
}
