// SPDX-License-Identifier: Apache-2.0
// One line per check: "ok <check>", "not ok <check>: errno <n>" or "not ok <check>: got <n>".
import { print } from "./text";
import { proc_exit } from "./wasi";

let failures: i32 = 0;

/** A call that has to succeed. */
export function succeeds(check: string, errno: i32): bool {
  return fails(check, errno, 0);
}

/** A call that has to answer with one of these errnos; engines differ where the specification is silent. */
export function fails(check: string, errno: i32, expected: i32, second: i32 = -1, third: i32 = -1): bool {
  if (errno === expected || errno === second || errno === third) {
    print("ok " + check);
    return true;
  }
  failures += 1;
  print("not ok " + check + ": errno " + errno.toString());
  return false;
}

export function equals(check: string, actual: i64, expected: i64): bool {
  if (actual === expected) {
    print("ok " + check);
    return true;
  }
  failures += 1;
  print("not ok " + check + ": got " + actual.toString());
  return false;
}

export function holds(check: string, condition: bool): bool {
  return equals(check, condition ? 1 : 0, 1);
}

/** Ends the program: 0 when every check was ok. */
export function finish(): void {
  proc_exit(failures === 0 ? 0 : 1);
}
