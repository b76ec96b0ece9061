// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { endProcesses } from "./end-processes.ts";

test("endProcesses() kills what is listed, and what is listed later", async () => {
  const children = ["1000", "2000"].map((seconds) => Bun.spawn(["sleep", seconds]));
  const left = () => children.filter(({ signalCode }) => signalCode === null).map(({ pid }) => pid);
  expect(await endProcesses(() => left().slice(0, 1))).toBe(true);
  expect(children.map(({ signalCode }) => signalCode)).toEqual(["SIGKILL", "SIGKILL"]);
});

test("endProcesses() gives up on what does not become less", async () => {
  const gone = Bun.spawn(["true"]);
  await gone.exited;
  expect(await endProcesses(() => [gone.pid])).toBe(false);
});
