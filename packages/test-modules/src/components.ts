// SPDX-License-Identifier: Apache-2.0
import type { TestModule, TestRun } from "./test-module.ts";

interface Component {
  readonly description: string;
  readonly kind?: "component-wat" | "component-javascript";
  readonly isConformance?: boolean;
  readonly runs?: readonly Partial<TestRun>[];
}

const NOTE = [
  { kind: "directory", path: "folder" },
  { kind: "file", path: "folder/note.txt", content: "a note\n" },
  { kind: "file", path: "top.txt", content: "" },
] as const;

// What needs a network, a client or a function's name to run has no run here: see interop/components.test.ts.
const COMPONENTS: Readonly<Record<string, Component>> = {
  "component-hello": {
    description: "writes a line to stdout",
    runs: [{ stdout: "hello world\n", stderr: "" }],
  },
  "component-args-env": {
    description: "prints each argument but the first on a line, then each environment variable",
    runs: [
      {
        args: ["one", "two words", ""],
        env: ["A=1", "B=x y=z", "EMPTY="],
        stdout: "one\ntwo words\n\nA=1\nB=x y=z\nEMPTY=\n",
      },
    ],
  },
  "component-exit": {
    description: "exits with the number in args[1]; without one its run answers an error, which is 1",
    runs: [
      { args: [], exitCode: 1 },
      ...[0, 1, 42, 255].map((exitCode) => ({ args: [String(exitCode)], exitCode })),
    ],
  },
  "component-trap": { description: "traps at an unreachable instruction" },
  "component-echo": {
    description: "copies stdin to stdout",
    runs: [{ stdin: "to and fro", stdout: "to and fro" }, { stdout: "" }],
  },
  "component-sleep": {
    description: "prints, sleeps args[1] seconds (an hour without), prints again",
    runs: [{ args: ["0"], stdout: "sleeping\nawake\n" }],
  },
  "component-clocks": { description: "wasi:clocks", isConformance: true, runs: [{}] },
  "component-random": { description: "wasi:random", isConformance: true, runs: [{}] },
  "component-export": {
    description: "exports greet: func() -> string and add: func(a: u32, b: u32) -> u32, and no wasi:cli/run",
  },
  "component-files": {
    kind: "component-javascript",
    description: "`read <path>`, `write <path> <text>`, `list <path>` with wasi:filesystem",
    runs: [
      { args: ["read", "/folder/note.txt"], root: NOTE, stdout: "a note\n" },
      { args: ["list", "/"], root: NOTE, stdout: "folder/\ntop.txt\n" },
      { args: ["write", "/new.txt", "text"], root: [], stdout: "" },
      { args: ["read", "/none"], root: [], exitCode: 1, stderr: "cannot read /none: no-entry\n" },
      { args: ["read", "/top.txt"], exitCode: 1, stdout: "" },
    ],
  },
  "component-http-serve": {
    kind: "component-javascript",
    description:
      "answers HTTP: GET /, POST /echo, GET /headers, /stream?chunks=&ms=, /slow?ms=, /count of an instance",
  },
  "component-http-hello": { description: 'answers every HTTP request with 200 and "hello"' },
  "component-http-fetch": {
    kind: "component-javascript",
    description: "gets the URL in args[1], prints status and body; exits with 1 when it cannot",
  },
  "component-sockets": {
    kind: "component-javascript",
    description:
      "`lookup <name>`, `connect <name> <port> <text>`, `listen <port>`, which echoes one connection",
  },
};

/** All components; those from WAT are a few kilobytes, those from JavaScript a megabyte. */
export const TEST_COMPONENTS: readonly TestModule[] = Object.entries(COMPONENTS).map(([name, component]) => ({
  name,
  description: component.description,
  source: { kind: component.kind ?? "component-wat" },
  isConformance: component.isConformance ?? false,
  runs: (component.runs ?? []).map((run) => ({ args: [], env: [], exitCode: 0, ...run })),
}));
