// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { targetWorld } from "./target-world.ts";

const target = (exports: readonly string[], imports: readonly string[] = []) => {
  const externs = (names: readonly string[]) => names.map((name) => ({ name, kind: "instance" as const }));
  return targetWorld({ exports: externs(exports), imports: externs(imports) });
};

test("a component that exports what a world does, and imports what it has, is for that world", () => {
  expect(target(["wasi:cli/run@0.2.3"], ["wasi:io/streams@0.2.3", "wasi:sockets/tcp@0.2.3"])).toBe(
    "wasi:cli/command@0.2.3",
  );
  expect(target(["wasi:http/incoming-handler@0.2.0"], ["wasi:http/types@0.2.0", "wasi:io/poll@0.2.0"])).toBe(
    "wasi:http/proxy@0.2.0",
  );
});

test("one that exports or imports more, or nothing known, is for none that is known", () => {
  expect(target([])).toBeUndefined();
  expect(target(["greet"])).toBeUndefined();
  expect(target(["wasi:cli/run"])).toBeUndefined();
  expect(target(["wasi:cli/run@0.2.3", "greet"])).toBeUndefined();
  expect(target(["wasi:cli/run@0.2.3"], ["wasi:http/types@0.2.3"])).toBeUndefined();
  expect(target(["wasi:http/incoming-handler@0.2.0"], ["wasi:filesystem/types@0.2.0"])).toBeUndefined();
});
