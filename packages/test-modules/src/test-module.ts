// SPDX-License-Identifier: Apache-2.0

/**
 * Where a module comes from; files lie in `wat/`, `assembly/` and `components/` under the module's name. What is
 * `generated` is a module, mere `bytes` are none.
 */
export type ModuleSource =
  | { readonly kind: "wat" }
  | { readonly kind: "assembly" }
  | { readonly kind: "component-wat" }
  | { readonly kind: "component-javascript" }
  | { readonly kind: "generated"; readonly bytes: () => Uint8Array }
  | { readonly kind: "bytes"; readonly bytes: () => Promise<Uint8Array> };

/** Something in the guest's root folder before the run; parents come before what is in them. */
export type Fixture =
  | { readonly kind: "file"; readonly path: string; readonly content: string }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

/** One way to run a module, and what an engine has to make of it. */
export interface TestRun {
  /** Without args[0], which is the engine's to choose. */
  readonly args: readonly string[];
  /** The guest's whole environment, where a suite can set that. */
  readonly env: readonly string[];
  /** Empty when left out. */
  readonly stdin?: string;
  /** The guest gets a folder of its own as `/`, holding this; without it, it needs none. */
  readonly root?: readonly Fixture[];
  readonly exitCode: number;
  /** Left out when stdout is not to be compared, as for the lines of checks. */
  readonly stdout?: string;
  readonly stderr?: string;
}

/** A Wasm program for tests: a core module or a component. */
export interface TestModule {
  readonly name: string;
  readonly description: string;
  readonly source: ModuleSource;
  /** Prints `ok` and `not ok` lines, one a check (see `parseChecks`). */
  readonly isConformance: boolean;
  /** Empty for modules that are not meant to start, or never end. */
  readonly runs: readonly TestRun[];
}
