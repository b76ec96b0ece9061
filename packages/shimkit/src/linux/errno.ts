// SPDX-License-Identifier: Apache-2.0
/** The symbolic name of an errno value, or `errno <n>` for one that this platform does not name. */
export function errnoName(errno: number): string {
  // Loaded and looked up only when something failed: each start would wait half a millisecond for it.
  const { constants } = process.getBuiltinModule("node:os");
  const [name = `errno ${errno}`] =
    Object.entries(constants.errno).find(([, value]) => value === errno) ?? [];
  return name;
}

/** Whether a thrown value is a system error with this code, as node:fs and Bun throw them. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.some((code) => code === error.code);
}
