// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "@runwasi/containerd-api/gen/runtime/bootstrap/v1/bootstrap.ts";
import { formatStartReply, parseBootstrapParams, wantsDebug } from "./bootstrap.ts";
import { parseFlags } from "./flags.ts";

const FLAGS = parseFlags(["-namespace", "default", "-id", "one", "start"]);
const PARAMS: BootstrapParams = {
  instanceId: "one",
  namespace: "default",
  logLevel: LogLevel.LOG_LEVEL_INFO,
  containerdVersion: "2.4.2",
  containerdTtrpcAddress: "/run/t",
  containerdGrpcAddress: "/run/g",
  containerdBinary: "/usr/bin/containerd",
  extensions: [{ value: { typeUrl: "a", value: new Uint8Array([1]) } }],
};

test("parseBootstrapParams() reads what containerd 2.3 writes", () => {
  expect(parseBootstrapParams(BootstrapParams.encode(PARAMS).finish(), FLAGS)).toEqual(PARAMS);
});

test("parseBootstrapParams() takes nothing for an older containerd", () => {
  expect(parseBootstrapParams(new Uint8Array(0), FLAGS)).toBeUndefined();
});

test("parseBootstrapParams() takes an options Any for an older containerd's, also one that reads as params", () => {
  const options = Any.encode({ typeUrl: "one", value: new TextEncoder().encode("other") }).finish();
  expect(BootstrapParams.decode(options)).toMatchObject({ instanceId: "one", namespace: "other" });
  expect(parseBootstrapParams(options, FLAGS)).toBeUndefined();
  const broken = Any.encode({ typeUrl: "runtimeoptions.v1.Options", value: new Uint8Array([0xff]) }).finish();
  expect(parseBootstrapParams(broken, FLAGS)).toBeUndefined();
});

test.each([{ instanceId: "two" }, { namespace: "k8s.io" }, { instanceId: "" }])(
  "parseBootstrapParams() wants the ids of the command line (%p)",
  (difference) => {
    const stdin = BootstrapParams.encode({ ...PARAMS, ...difference }).finish();
    expect(parseBootstrapParams(stdin, FLAGS)).toBeUndefined();
  },
);

test("parseBootstrapParams() throws on no prefix of a message", () => {
  const stdin = BootstrapParams.encode(PARAMS).finish();
  for (let length = 0; length < stdin.length; length += 1) {
    parseBootstrapParams(stdin.subarray(0, length), FLAGS);
  }
});

test("wantsDebug() follows the flag and the bootstrap's level", () => {
  expect(wantsDebug(FLAGS, undefined)).toBe(false);
  expect(wantsDebug({ ...FLAGS, debug: true }, undefined)).toBe(true);
  const at = (logLevel: BootstrapParams["logLevel"]) => wantsDebug(FLAGS, { ...PARAMS, logLevel });
  expect(at(LogLevel.LOG_LEVEL_INFO)).toBe(false);
  expect(at(LogLevel.LOG_LEVEL_WARN)).toBe(false);
  expect(at(LogLevel.LOG_LEVEL_DEBUG)).toBe(true);
  expect(at(LogLevel.LOG_LEVEL_TRACE)).toBe(true);
});

test("formatStartReply() is the plain address before 2.3, a BootstrapResult of version 2 after", () => {
  expect(formatStartReply("unix:///run/s", undefined)).toBe("unix:///run/s");
  const reply = formatStartReply("unix:///run/s", PARAMS);
  if (typeof reply === "string") expect.unreachable();
  expect(BootstrapResult.decode(reply)).toMatchObject({
    version: 2,
    address: "unix:///run/s",
    protocol: "ttrpc",
  });
});
