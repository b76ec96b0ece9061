// SPDX-License-Identifier: Apache-2.0
import type { ComponentInterface } from "@runwasi/wasm-binary";

/** Worlds known by the interface that only their components export, with the packages that they import from. */
const WORLDS = [
  {
    name: "wasi:cli/command",
    exported: "wasi:cli/run",
    packages: ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:random", "wasi:sockets"],
  },
  {
    name: "wasi:http/proxy",
    exported: "wasi:http/incoming-handler",
    packages: ["wasi:cli", "wasi:clocks", "wasi:http", "wasi:io", "wasi:random"],
  },
] as const;

/**
 * The world that a component is for, `wasi:cli/command@0.2.3`, in the version of what it exports: a binary does not name
 * it. Undefined when it exports or imports more than a known world has.
 */
export function targetWorld({ imports, exports }: ComponentInterface): string | undefined {
  const [exported, ...others] = exports;
  if (exported === undefined || others.length > 0) return undefined;
  const [name, version] = exported.name.split("@");
  const world = WORLDS.find((candidate) => candidate.exported === name);
  if (world === undefined || version === undefined) return undefined;
  const isInside = imports.every((entry) =>
    world.packages.some((known) => entry.name.startsWith(`${known}/`)),
  );
  return isInside ? `${world.name}@${version}` : undefined;
}
