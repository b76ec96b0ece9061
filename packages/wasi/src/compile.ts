// SPDX-License-Identifier: Apache-2.0
import { WASI_MODULES } from "./imports.ts";
import { WasiError } from "./wasi-error.ts";

/** One import that a module declares. */
export interface WasiImport {
  readonly module: string;
  readonly name: string;
  readonly kind: string;
  /** Whether `runWasi` has it. */
  readonly isProvided: boolean;
}

const MAGIC: Uint8Array = Uint8Array.of(0x00, 0x61, 0x73, 0x6d);
// Version 1, layer 0: https://webassembly.github.io/spec/core/binary/modules.html#binary-module
const CORE_VERSION: Uint8Array = Uint8Array.of(0x01, 0x00, 0x00, 0x00);

/** Compiles a core module; throws `WasiError` of kind `not-wasm` or `bad-module`. */
export function compileModule(bytes: Uint8Array): WebAssembly.Module {
  if (!startsWith(bytes, MAGIC)) {
    const found = Buffer.from(bytes.subarray(0, 4)).toString("hex");
    throw new WasiError("not-wasm", `cannot compile module: it begins with "${found}" (0061736d)`);
  }
  if (bytes.length >= 8 && !startsWith(bytes.subarray(4), CORE_VERSION)) {
    const found = Buffer.from(bytes.subarray(4, 8)).toString("hex");
    throw new WasiError(
      "not-wasm",
      `cannot compile module: its version is "${found}" (01000000, a core module)`,
    );
  }
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new WasiError("bad-module", `cannot compile module: ${reason}`, { cause });
  }
}

/** What a module imports, in its order; throws as `compileModule` does. */
export function describeImports(module: Uint8Array | WebAssembly.Module): readonly WasiImport[] {
  const compiled = module instanceof WebAssembly.Module ? module : compileModule(module);
  return WebAssembly.Module.imports(compiled).map((entry) => ({
    module: entry.module,
    name: entry.name,
    kind: entry.kind,
    isProvided: entry.kind === "function" && isProvided(entry.module, entry.name),
  }));
}

function isProvided(module: string, name: string): boolean {
  const functions = WASI_MODULES.get(module);
  return functions !== undefined && Object.hasOwn(functions, name);
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
