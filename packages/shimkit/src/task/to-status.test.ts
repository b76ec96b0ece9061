// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError, type Code } from "../error.ts";
import { toStatus } from "./to-status.ts";

// https://grpc.io/docs/guides/status-codes/
const NUMBERS: Readonly<Record<Code, number>> = {
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
};

test("every code of a ShimError has its gRPC number, and is not unexpected", () => {
  const unexpected: unknown[] = [];
  for (const code of Object.keys(NUMBERS) as Code[]) {
    const status = toStatus(new ShimError(code, "why"), (error) => unexpected.push(error));
    expect<unknown>(status).toEqual({ code: NUMBERS[code], message: "why", details: [] });
  }
  expect(unexpected).toEqual([]);
});

test.each([
  [new TypeError("x is not a function"), "x is not a function"],
  ["text", "text"],
  [undefined, "undefined"],
])("what is no ShimError becomes Unknown and is reported (%#)", (thrown, message) => {
  const unexpected: unknown[] = [];
  expect<unknown>(toStatus(thrown, (error) => unexpected.push(error))).toEqual({
    code: 2,
    message,
    details: [],
  });
  expect(unexpected).toEqual([thrown]);
});
