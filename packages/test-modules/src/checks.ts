// SPDX-License-Identifier: Apache-2.0

/** One line of a conformance module's output. */
export interface Check {
  readonly name: string;
  readonly isOk: boolean;
  /** What the engine answered instead, as in `errno 8` or `got 3`; empty for a check that is ok. */
  readonly answer: string;
}

/** The checks in what a conformance module printed; lines of another form are left out. */
export function parseChecks(stdout: string): readonly Check[] {
  return stdout.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Check | undefined {
  if (line.startsWith("ok ")) return { name: line.slice("ok ".length), isOk: true, answer: "" };
  const [, name, answer] = /^not ok (.*): (errno \d+|got -?\d+)$/.exec(line) ?? [];
  return name === undefined || answer === undefined ? undefined : { name, isOk: false, answer };
}
