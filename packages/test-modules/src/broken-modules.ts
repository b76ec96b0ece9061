// SPDX-License-Identifier: Apache-2.0
import { compileWat } from "./compile-wat.ts";
import type { TestModule } from "./test-module.ts";

const BROKEN: Readonly<Record<string, { description: string; bytes: () => Promise<Uint8Array> }>> = {
  truncated: {
    description: "the first 100 bytes of hello",
    bytes: async () => (await compileWat("hello")).slice(0, 100),
  },
  empty: { description: "no bytes at all", bytes: () => Promise.resolve(new Uint8Array(0)) },
  "magic-only": {
    description: "the four bytes that every Wasm binary begins with, and no more",
    bytes: () => Promise.resolve(Uint8Array.of(0, 0x61, 0x73, 0x6d)),
  },
  "empty-component": {
    description: "a component without anything in it",
    bytes: () => Promise.resolve(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)),
  },
  "not-wasm": {
    description: "plain text",
    bytes: () => Promise.resolve(new TextEncoder().encode("this is no module\n")),
  },
};

/** Bytes that no engine can run, each for another reason. */
export const BROKEN_MODULES: readonly TestModule[] = Object.entries(BROKEN).map(([name, broken]) => ({
  name,
  description: broken.description,
  source: { kind: "bytes", bytes: broken.bytes },
  isConformance: false,
  runs: [],
}));
