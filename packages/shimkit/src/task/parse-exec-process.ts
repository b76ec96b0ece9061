// SPDX-License-Identifier: Apache-2.0
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { MalformedError, parseSpecProcess, type SpecProcess } from "@runwasi/oci";
import { ShimError } from "../error.ts";

/**
 * Parses `spec` of Exec: `process` of the OCI runtime specification as JSON, whatever the Any's type URL, as containerd's
 * own clients and others name it differently.
 *
 * @param terminal of the request, which decides
 * @throws ShimError InvalidArgument.
 */
export function parseExecProcess(spec: Any | undefined, terminal: boolean): SpecProcess {
  if (spec === undefined) throw new ShimError("InvalidArgument", "cannot execute: the request has no spec");
  try {
    const process = parseSpecProcess(new TextDecoder().decode(spec.value));
    if (process.args === undefined || process.args.length === 0) {
      throw new ShimError("InvalidArgument", `cannot execute: "args" is empty (it names the program)`);
    }
    return { ...process, terminal };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new ShimError("InvalidArgument", `cannot execute: ${error.message}`, { cause: error });
  }
}
