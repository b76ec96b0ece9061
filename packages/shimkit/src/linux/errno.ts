// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";

/** The symbolic name of an errno value, or `errno <n>` for one that this platform does not name. */
export function errnoName(errno: number): string {
  // Looked up only when something failed: a table made in advance costs every start 0.3 ms.
  const [name = `errno ${errno}`] =
    Object.entries(constants.errno).find(([, value]) => value === errno) ?? [];
  return name;
}

/** Whether a thrown value is a system error with this code, as node:fs and Bun throw them. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
