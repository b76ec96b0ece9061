// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

/** Which packages of this repository each package may import. What is missing here may import none. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "packages/containerd-api": [],
  "packages/oci-runtime": ["oci"],
  "packages/shimkit": ["containerd-api", "oci", "oci-runtime", "ttrpc"],
  "packages/shim-wasm": ["containerd-shimkit", "oci", "oci-runtime", "wasi"],
  "shims/jsc": ["containerd-shim-wasm"],
  "shims/wasmtime": ["containerd-shim-wasm"],
  "shims/all": ["containerd-shim-wasm", "shim-jsc", "shim-wasmtime"],
  e2e: ["containerd-api", "oci", "test-modules", "ttrpc"],
  bench: ["containerd-api", "e2e", "oci", "test-modules", "ttrpc"],
};

const ROOT = join(import.meta.dir, "..");

/** Throws when a package imports one that it must not. */
export function assertDependencyDirection(): void {
  const problems: string[] = [];
  for (const manifest of new Glob("{packages/*,shims/*,e2e,bench}/package.json").scanSync(ROOT)) {
    const folder = dirname(manifest);
    const allowed = new Set(ALLOWED[folder] ?? []);
    for (const file of new Glob(`${folder}/{src,interop,examples}/**/*.ts`).scanSync(ROOT)) {
      for (const name of importedPackages(readFileSync(join(ROOT, file), "utf8"))) {
        if (!allowed.has(name)) problems.push(`${file} imports @runwasi/${name}`);
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** The packages of this repository that a source imports, statically or not. */
export function importedPackages(source: string): readonly string[] {
  return [...source.matchAll(/(?:from |import\()"@runwasi\/([\w-]+)/g)].flatMap(([, name]) => name ?? []);
}
