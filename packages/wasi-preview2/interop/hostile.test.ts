// SPDX-License-Identifier: Apache-2.0
// Hostile components and surroundings. Apart from the unit tests because it takes thousands of runs, or a megabyte.
import { expect, test } from "bun:test";
import { testModule } from "@runwasi/test-modules";
import { ComponentError } from "../src/component-error.ts";
import { runCaptured } from "../src/testing/run-captured.ts";

test("a preopen that is not there is named", async () => {
  const component = await testModule("component-files");
  const preopens = [{ hostPath: "/none/such", guestPath: "/" }];
  const run = runCaptured({ component, args: ["files", "list", "/"], preopens });
  const error = await run.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "bad-preopen", names: ["/none/such"] });
}, 60_000);

test("flipped bytes never escape as another exception", async () => {
  const component = await testModule("component-args-env");
  for (let at = 8; at < component.length; at += 1) {
    const changed = component.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    await runCaptured({ component: changed }).catch((error: unknown) => {
      expect(error).toBeInstanceOf(ComponentError);
    });
  }
}, 120_000);
