// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, value]): [number, string] => [value, name]),
);

/** The symbolic name of an errno value, or `errno <n>` for one that this platform does not name. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/** Whether a thrown value is a system error with this code, as node:fs and Bun throw them. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
