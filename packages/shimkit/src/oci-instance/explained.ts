// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";

/** The OCI runtime's words with what they are about, which it often leaves out. */
export function explained(error: unknown, program: string, doubt: string | undefined): unknown {
  if (!(error instanceof ShimError)) return error;
  const reason = doubt === undefined ? "" : ` (${doubt})`;
  return new ShimError(error.code, `cannot run "${program}": ${error.message}${reason}`, { cause: error });
}
