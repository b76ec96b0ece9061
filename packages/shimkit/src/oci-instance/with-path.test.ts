// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { withPath } from "./with-path.ts";

test("only youki gets a PATH, and only where there is none", () => {
  const process = { cwd: "/", env: ["A=b"] };
  const youki = { executable: "/opt/youki" };
  expect(withPath(process, { executable: "/usr/bin/crun" })).toBe(process);
  expect(withPath(process, youki)).toEqual({ cwd: "/", env: ["A=b", "PATH=/"] });
  expect(withPath({ cwd: "/" }, youki)).toEqual({ cwd: "/", env: ["PATH=/"] });
  const own = { cwd: "/", env: ["PATH=/bin"] };
  expect(withPath(own, youki)).toBe(own);
});
