// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import type { WasmWorkload } from "../engine.ts";
import { ENV_PREFIX, guestCommand, RUN_GUEST } from "./guest-command.ts";
import { parseGuestArguments } from "./run-guest.ts";

const WORKLOAD: WasmWorkload = {
  path: "/app.wasm",
  format: { kind: "text" },
  invoke: undefined,
  args: ["app"],
  env: [],
  preopens: [],
};

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
  const [first, ...rest] = guestCommand({ ...WORKLOAD, ...difference }).args;
  expect(first).toBe(RUN_GUEST);
  return parseGuestArguments(rest);
}

test("arguments come back as they went, whatever they look like", () => {
  expect(roundTrip({ args: HOSTILE })).toEqual({
    path: "/app.wasm",
    args: HOSTILE,
    invoke: undefined,
    preopens: [],
  });
  expect(roundTrip({ args: [] }).args).toEqual([]);
});

test.each(HOSTILE)("%p comes back as path, function and preopen", (text) => {
  const preopens = [
    { containerPath: text, guestPath: "." },
    { containerPath: "/", guestPath: text },
  ];
  expect(roundTrip({ path: text, invoke: text, preopens, args: [text] })).toEqual({
    path: text,
    invoke: text,
    args: [text],
    preopens: preopens.map(({ containerPath, guestPath }) => ({ hostPath: containerPath, guestPath })),
  });
});

test("no variable of a guest has a name that a loader or Bun reads, and none is on the command line", () => {
  const env = ["LD_PRELOAD=/x.so", "BUN_OPTIONS=--preload=/x", "A=secret", "NOVALUE", ""];
  const command = guestCommand({ ...WORKLOAD, env });
  expect(command.env).toEqual(env.map((entry) => `guest:${entry}`));
  expect(command.env.every((entry) => entry.startsWith(ENV_PREFIX))).toBe(true);
  expect(command.args.join(" ")).not.toContain("secret");
});

test("parseGuestArguments() ends on what is cut off and refuses unknown options", () => {
  const { args } = guestCommand({
    ...WORKLOAD,
    invoke: "f",
    preopens: [{ containerPath: "/", guestPath: "/" }],
  });
  for (let length = 0; length < args.length - 1; length += 1) parseGuestArguments(args.slice(1, 1 + length));
  expect(() => parseGuestArguments(["--unknown", "--", "/app.wasm"])).toThrow("--unknown");
});
