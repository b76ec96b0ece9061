// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { OptionValue } from "../engine-options.ts";
import type { Entry, WasmWorkload } from "../engine.ts";
import { workloadOf } from "../testing/workload.ts";
import { ENV_PREFIX, guestCommand, RUN_GUEST } from "./guest-command.ts";
import { parseGuestArguments } from "./run-guest.ts";

const WORKLOAD: WasmWorkload = { ...workloadOf({ kind: "text" }), args: ["app"] };

const HOSTILE = [
  "--",
  "--dir",
  "--invoke",
  "-",
  "",
  " ",
  "a b",
  'q"q',
  "new\nline",
  "--dir=/",
  "\\",
  "$(x)",
  "é\u{1f600}",
];

function roundTrip(difference: Partial<WasmWorkload>) {
  const [first, engine, ...rest] = guestCommand("test", { ...WORKLOAD, ...difference }).args;
  expect([first, engine]).toEqual([RUN_GUEST, "test"]);
  return parseGuestArguments(rest);
}

test("arguments come back as they went, whatever they look like", () => {
  expect(roundTrip({ args: HOSTILE })).toEqual({
    path: "/app.wasm",
    args: HOSTILE,
    entry: { kind: "command" },
    preopens: [],
    options: new Map(),
  });
  expect(roundTrip({ args: [] }).args).toEqual([]);
});

test.each(HOSTILE)("%p comes back as path, function and preopen", (text) => {
  const preopens = [
    { containerPath: text, guestPath: "." },
    { containerPath: "/", guestPath: text },
  ];
  const options = new Map<string, OptionValue>([
    [text, text],
    ["switch", true],
    ["count", 5],
  ]);
  for (const entry of [
    { kind: "function", name: text },
    { kind: "http", address: text },
  ] satisfies Entry[]) {
    const guest = { path: text, entry, preopens, args: [text], options };
    expect(roundTrip(guest)).toEqual(guest);
  }
});

test("no variable of a guest has a name that a loader or Bun reads, and none is on the command line", () => {
  const env = ["LD_PRELOAD=/x.so", "BUN_OPTIONS=--preload=/x", "A=secret", "NOVALUE", ""];
  const command = guestCommand("test", { ...WORKLOAD, env });
  expect(command.env).toEqual(env.map((entry) => `guest:${entry}`));
  expect(command.env.every((entry) => entry.startsWith(ENV_PREFIX))).toBe(true);
  expect(command.args.join(" ")).not.toContain("secret");
});

test("parseGuestArguments() ends on what is cut off and refuses unknown options", () => {
  const { args } = guestCommand("test", {
    ...WORKLOAD,
    entry: { kind: "function", name: "f" },
    preopens: [{ containerPath: "/", guestPath: "/" }],
    options: new Map([["switch", true]]),
  });
  for (let length = 0; length < args.length - 2; length += 1) parseGuestArguments(args.slice(2, 2 + length));
  expect(() => parseGuestArguments(["--unknown", "--", "/app.wasm"])).toThrow("--unknown");
});
