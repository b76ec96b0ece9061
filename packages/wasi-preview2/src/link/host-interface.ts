// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";

/** A function of the host, with values as values.ts has them. */
export interface HostFunction {
  /** Whether it may answer with a promise. */
  readonly mayBlock: boolean;
  readonly call: (args: readonly unknown[]) => unknown;
}

/** One interface that the host has, in whatever version. */
export interface HostInterface {
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly functions: Readonly<Record<string, HostFunction>>;
}

/** The host's interfaces by name without version, `wasi:io/streams`. */
export type Host = ReadonlyMap<string, HostInterface>;

const VERSION = /@(\d+)\.(\d+)\.\d+.*$/;

/**
 * An interface's name without its version, if that is one of 0.2: any of them links to the same interface, since
 * none changes what an earlier one has (https://github.com/WebAssembly/WASI/blob/main/docs/Preview2.md).
 */
export function unversioned(name: string): string {
  const [, major, minor] = VERSION.exec(name) ?? [];
  return major === "0" && minor === "2" ? name.replace(VERSION, "") : name;
}
