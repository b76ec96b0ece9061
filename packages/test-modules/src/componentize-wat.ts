// SPDX-License-Identifier: Apache-2.0
import { compileWat } from "./compile-wat.ts";
import { readComponentWit } from "./component-wit.ts";

/**
 * Makes a component of `components/<name>.wat`, a core module that keeps to the canonical ABI of its world; it gets
 * those imports of the world that it uses. Throws the report of wabt or wasm-tools when the two do not fit.
 *
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md
 */
export async function componentizeWat(name: string): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await import("@bytecodealliance/jco-transpile/wasm-tools");
  const binary = await compileWat(name, "components");
  // As text, for wasm-tools opens no files when it runs inside JavaScript.
  const witSource = await readComponentWit();
  return await componentNew(await componentEmbed({ binary, witSource, world: name }));
}
