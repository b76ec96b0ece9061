// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "../error.ts";
import { parseFlags, requireFlags } from "./flags.ts";

const NOTHING = {
  namespace: "",
  id: "",
  address: "",
  publishBinary: "",
  bundle: "",
  debug: false,
};

function codeOf(argv: readonly string[]): string {
  try {
    parseFlags(argv);
  } catch (error) {
    return error instanceof ShimError ? error.code : String(error);
  }
  return "ok";
}

test("the command line of containerd's start", () => {
  const argv = [
    "-namespace",
    "k8s.io",
    "-address",
    "/run/containerd/containerd.sock",
    "-publish-binary",
    "/usr/bin/containerd",
    "-id",
    "one",
    "-debug",
    "start",
  ];
  expect(parseFlags(argv)).toEqual({
    ...NOTHING,
    namespace: "k8s.io",
    address: "/run/containerd/containerd.sock",
    publishBinary: "/usr/bin/containerd",
    id: "one",
    debug: true,
    action: "start",
  });
});

test("the command line of containerd's delete, with a bundle", () => {
  const argv = ["-namespace", "default", "-id", "one", "-bundle", "/run/b", "-publish-binary=", "delete"];
  expect(parseFlags(argv)).toEqual({
    ...NOTHING,
    namespace: "default",
    id: "one",
    bundle: "/run/b",
    action: "delete",
  });
});

test("the forms of Go's flag package", () => {
  expect(parseFlags(["--id=one", "-namespace=a=b", "start"])).toMatchObject({ id: "one", namespace: "a=b" });
  expect(parseFlags(["-id", "", "start"]).id).toBe("");
  expect(parseFlags(["-id", "-debug", "start"])).toMatchObject({ id: "-debug", debug: false });
  expect(parseFlags(["-id=a", "-id=b", "start"]).id).toBe("b");
  expect(parseFlags(["-debug=false", "start"]).debug).toBe(false);
  expect(parseFlags(["-debug=true", "start"]).debug).toBe(true);
  expect(parseFlags(["-id=two\nlines", "start"]).id).toBe("two\nlines");
});

test("what follows the command is not looked at", () => {
  expect(parseFlags(["-id", "one", "start", "-id", "two", "-unknown"])).toMatchObject({
    id: "one",
    action: "start",
  });
});

test("flags that only other shims have a use for are taken", () => {
  expect(codeOf(["-socket", "/a", "-debug-socket=/b", "start"])).toBe("ok");
});

test.each([
  [["-v"], "version"],
  [["--version"], "version"],
  [["-info"], "info"],
  [["-info", "-debug"], "info"],
  [["start"], "start"],
  [["delete"], "delete"],
  [[], "serve"],
  [["-id", "one"], "serve"],
])("%p is the action %p", (argv, action) => {
  expect<string>(parseFlags(argv).action).toBe(action);
});

test.each([
  [["-unknown", "start"]],
  [["-unknown=1", "start"]],
  [["-id"]],
  [["-id", "one", "-address"]],
  [["stop"]],
  [["--"]],
  [["-"]],
  [["-ID", "one", "start"]],
  [[""]],
])("%p is InvalidArgument", (argv) => {
  expect(codeOf(argv)).toBe("InvalidArgument");
});

test("requireFlags() names the flag that is missing", () => {
  const flags = parseFlags(["-namespace", "a", "-id", "b", "start"]);
  requireFlags(flags, "namespace", "id");
  try {
    requireFlags(flags, "namespace", "id", "address");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: "InvalidArgument", message: expect.stringContaining("-address") });
  }
});
