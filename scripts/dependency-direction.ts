// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { workspaces } from "../package.json";

/** Which packages of this repository each package may import. What is missing here may import none. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "packages/containerd-api": [],
  "packages/containerd-client": ["containerd-api", "ttrpc"],
  "packages/wasi": ["test-modules"],
  "packages/wasi-preview2": ["test-modules", "wasi"],
  "packages/wasm-binary": ["test-modules"],
  "packages/oci-runtime": ["oci"],
  "packages/shimkit": ["containerd-api", "oci", "oci-runtime", "ttrpc"],
  "packages/shim-wasm": ["containerd-client", "containerd-shimkit", "oci", "oci-runtime", "wasm-binary"],
  "shims/jsc": ["containerd-shim-wasm", "wasi", "wasi-preview2"],
  "shims/wasmtime": ["containerd-shim-wasm"],
  "shims/wasmedge": ["containerd-shim-wasm"],
  "shims/wasmer": ["containerd-shim-wasm", "containerd-shimkit"],
  "shims/wamr": ["containerd-shim-wasm"],
  "shims/all": [
    "containerd-shim-wasm",
    "shim-jsc",
    "shim-wamr",
    "shim-wasmedge",
    "shim-wasmer",
    "shim-wasmtime",
  ],
  "tools/oci-tar-builder": ["oci", "test-modules", "wasm-binary"],
  "apps/wasi-demo-app": ["oci-tar-builder", "wasi"],
  e2e: ["containerd-api", "containerd-client", "oci", "test-modules", "ttrpc", "wasi-demo-app"],
  bench: ["containerd-api", "e2e", "oci", "test-modules", "ttrpc"],
};

const ROOT = join(import.meta.dir, "..");

/** Throws when a package imports one that it must not. */
export function assertDependencyDirection(): void {
  const problems: string[] = [];
  for (const folder of workspaceFolders()) {
    const allowed = new Set(ALLOWED[folder] ?? []);
    for (const file of new Glob(`${folder}/src/**/*.ts`).scanSync(ROOT)) {
      for (const name of importedPackages(readFileSync(join(ROOT, file), "utf8"))) {
        if (!allowed.has(name)) problems.push(`${file} imports @runwasi/${name}`);
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

function workspaceFolders(): readonly string[] {
  const manifests = workspaces.flatMap((pattern) => [...new Glob(`${pattern}/package.json`).scanSync(ROOT)]);
  if (manifests.length === 0) throw new Error("there are no packages to check");
  return manifests.map((manifest) => dirname(manifest));
}

/** The packages of this repository that a source imports, statically or not. */
export function importedPackages(source: string): readonly string[] {
  return [...source.matchAll(/(?:from |import\()"@runwasi\/([\w-]+)/g)].flatMap(([, name]) => name ?? []);
}
