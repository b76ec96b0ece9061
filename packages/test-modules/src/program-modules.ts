// SPDX-License-Identifier: Apache-2.0
import { encodeBigModule } from "./big-module.ts";
import type { ModuleSource, TestModule, TestRun } from "./test-module.ts";

interface Program {
  readonly description: string;
  readonly kind?: "wat" | "assembly";
  /** Instead of a file. */
  readonly bytes?: () => Uint8Array;
  readonly runs?: readonly Partial<TestRun>[];
}

// The exit code after a trap is the engine's choice (wasmtime: 134), so trapping modules have no run here.
const PROGRAMS: Readonly<Record<string, Program>> = {
  hello: { description: "writes a line to stdout", runs: [{ stdout: "hello world\n" }] },
  big: {
    bytes: () => encodeBigModule(),
    description: "writes a line to stdout; has two megabytes of code besides",
    runs: [{ stdout: "hello world\n" }],
  },
  "hello-unstable": {
    description: "uses wasi_unstable, the first name of preview 1, where its layouts differ",
    runs: [{ root: [{ kind: "file", path: "file", content: "12345" }], stdout: "hello unstable\n" }],
  },
  "hello-stderr": {
    description: "writes a line to stderr",
    runs: [{ stdout: "", stderr: "hello stderr\n" }],
  },
  exit: {
    description: "exits with the number in args[1]",
    runs: [0, 1, 42, 255].map((exitCode) => ({ args: [String(exitCode)], exitCode })),
  },
  trap: { description: "traps at an unreachable instruction" },
  "trap-memory": { description: "traps because it loads from beyond its memory" },
  "trap-divide": { description: "traps because it divides by zero" },
  "trap-stack": { description: "traps because it calls itself without end" },
  args: { description: "prints each argument on a line" },
  env: {
    description: "prints each environment variable on a line",
    runs: [{ env: ["A=1", "B=x y=z", "EMPTY="], stdout: "A=1\nB=x y=z\nEMPTY=\n" }],
  },
  echo: { description: "copies stdin to stdout", runs: [{ stdin: "to and fro", stdout: "to and fro" }] },
  lines: {
    description: "prints args[1] numbered lines; even ones to stderr when there is an args[2]",
    runs: [
      { args: ["3"], stdout: "line 1\nline 2\nline 3\n", stderr: "" },
      { args: ["4", "both"], stdout: "line 1\nline 3\n", stderr: "line 2\nline 4\n" },
    ],
  },
  loop: { description: "computes for ever and never calls out" },
  sleep: {
    description: "prints, sleeps args[1] seconds (an hour without), prints again",
    runs: [{ args: ["0"], stdout: "sleeping\nawake\n" }],
  },
  "named-export": {
    description:
      'exports "greet" (prints), "fail" (exits with 3) and "exit" (with its parameter) besides _start',
    runs: [{ stdout: "from _start\n" }],
  },
  reactor: { description: 'has no _start; "greet" prints whether _initialize was called' },
  grow: {
    description: "grows its memory by args[1] MiB and touches it",
    runs: [{ args: ["16"], stdout: "grown\n" }],
  },
  threads: {
    description: 'prints "thread" from a thread of wasi-threads, then "main"; imports shared memory',
  },
  "no-start": { description: "exports no function" },
  "no-memory": { description: "uses preview 1 without exporting a memory" },
  "bad-import": { description: 'imports "env" "nope"' },
  readfile: {
    kind: "assembly",
    description: "copies the files named by its arguments to stdout; exits 1 when one cannot be read",
    runs: [
      {
        args: ["/folder/note.txt", "top.txt"],
        root: [
          { kind: "directory", path: "folder" },
          { kind: "file", path: "folder/note.txt", content: "a note\n" },
          { kind: "file", path: "top.txt", content: "the top\n" },
        ],
        stdout: "a note\nthe top\n",
      },
      { args: ["/missing"], root: [], exitCode: 1, stderr: "cannot read /missing: errno 44\n" },
    ],
  },
  writefile: {
    kind: "assembly",
    description: "writes args[2] to the file args[1]; exits 1 when it cannot",
    runs: [
      { args: ["/new.txt", "text"], root: [], stdout: "" },
      {
        args: ["/none/new.txt", "text"],
        root: [],
        exitCode: 1,
        stderr: "cannot write /none/new.txt: errno 44\n",
      },
    ],
  },
  ls: {
    kind: "assembly",
    description:
      "prints the names in the folder args[1] (/ without one) in order, a / after folders, an @ after links",
    runs: [
      {
        args: ["/"],
        root: [
          { kind: "directory", path: "b" },
          { kind: "file", path: "a", content: "" },
          { kind: "symlink", path: "c", target: "a" },
        ],
        stdout: "a\nb/\nc@\n",
      },
    ],
  },
};

/** Programs that each show one behaviour. */
export const PROGRAM_MODULES: readonly TestModule[] = Object.entries(PROGRAMS).map(([name, program]) => ({
  name,
  description: program.description,
  source: programSource(program),
  isConformance: false,
  runs: (program.runs ?? []).map((run) => ({ args: [], env: [], exitCode: 0, ...run })),
}));

function programSource({ kind = "wat", bytes }: Program): ModuleSource {
  return bytes === undefined ? { kind } : { kind: "generated", bytes };
}
