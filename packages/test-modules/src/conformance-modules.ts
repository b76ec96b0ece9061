// SPDX-License-Identifier: Apache-2.0
import type { Fixture, TestModule, TestRun } from "./test-module.ts";

interface Conformance {
  readonly description: string;
  readonly run?: Partial<TestRun>;
}

// Outside the guest's root there has to be something that a path could reach by mistake: the links lead to the
// root's own parent and to /etc, which every machine has.
const ESCAPES: readonly Fixture[] = [
  { kind: "symlink", path: "link-out", target: "../outside" },
  { kind: "symlink", path: "link-parent", target: ".." },
  { kind: "symlink", path: "link-absolute", target: "/etc/passwd" },
  { kind: "symlink", path: "link-to-link", target: "link-absolute" },
];

const CONFORMANCE: Readonly<Record<string, Conformance>> = {
  "wasi-args": {
    description: "args_get, args_sizes_get",
    run: {
      args: ["one", "two words", "", "=", "a=b", '"quoted"', "'single'", "$HOME", "ünï€", "-x", "--"],
    },
  },
  "wasi-environ": {
    description: "environ_get, environ_sizes_get",
    run: {
      env: ["A=1", "EMPTY=", "SPACES= a  b ", "EQUALS=x=y=z", "UTF8=ünï€", "QUOTE=\"'", "lower=case"],
    },
  },
  "wasi-clocks": { description: "clock_res_get, clock_time_get" },
  "wasi-random": { description: "random_get" },
  "wasi-files": {
    description: "files: create, read, write, seek, size, times, rename, unlink",
    run: { root: [] },
  },
  "wasi-directories": { description: "directories: make, list, move, remove", run: { root: [] } },
  "wasi-links": { description: "symbolic and hard links", run: { root: [] } },
  "wasi-rights": { description: "preopens, rights and descriptors of the wrong kind", run: { root: [] } },
  "wasi-escape": { description: "paths that would lead out of the preopen", run: { root: ESCAPES } },
  "wasi-poll": { description: "poll_oneoff", run: { root: [], stdin: "stdin" } },
  "wasi-stdio": { description: "descriptors 0, 1 and 2", run: { stdin: "stdin" } },
  "wasi-exit": { description: "proc_exit, proc_raise, sched_yield", run: { exitCode: 42 } },
  "wasi-unknown": { description: "unknown numbers and pointers beyond the memory", run: { root: [] } },
  "wasi-sock": { description: "the socket functions on other descriptors", run: { root: [] } },
};

/** One module per function group of preview 1; each check is a line of its output. */
export const CONFORMANCE_MODULES: readonly TestModule[] = Object.entries(CONFORMANCE).map(
  ([name, { description, run }]) => ({
    name,
    description,
    source: { kind: "assembly" },
    isConformance: true,
    runs: [{ args: [], env: [], exitCode: 0, ...run }],
  }),
);
