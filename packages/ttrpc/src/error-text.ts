// SPDX-License-Identifier: Apache-2.0

/** The message of an error, or the text of whatever else was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
