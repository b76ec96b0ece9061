// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { createOomWatch } from "./oom-watch.ts";

test("each is looked at until it is disposed", async () => {
  const watch = createOomWatch(1);
  const looked = { one: 0, two: 0 };
  const both = Promise.withResolvers<void>();
  const one = watch.add(() => {
    looked.one += 1;
    if (looked.two > 1) both.resolve();
  });
  const two = watch.add(() => void (looked.two += 1));
  await both.promise;
  one[Symbol.dispose]();
  const { one: last, two: before } = looked;
  while (looked.two === before) await Bun.sleep(1);
  expect(looked.one).toBe(last);
  two[Symbol.dispose]();
  two[Symbol.dispose]();
});
