// SPDX-License-Identifier: Apache-2.0
import type { TestModule, TestRun } from "./test-module.ts";

interface Conformance {
  readonly description: string;
  readonly run?: Partial<TestRun>;
}

const CONFORMANCE: Readonly<Record<string, Conformance>> = {
  "wasi-args": {
    description: "args_get, args_sizes_get",
    run: {
      args: ["one", "two words", "", "=", "a=b", '"quoted"', "'single'", "$HOME", "ünï€", "-x", "--"],
    },
  },
  "wasi-stdio": { description: "descriptors 0, 1 and 2", run: { stdin: "stdin" } },
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
