// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "../component-error.ts";
import type { CoreFunction } from "./call-context.ts";

// JavaScript Promise Integration: https://webassembly.github.io/js-promise-integration/js-api/
// A call of `promising(export)` answers with a promise; an import made by `suspending` may answer with a promise
// too, and then the WebAssembly between the two is suspended until it is settled, while all else goes on.

/** A core function that JavaScript calls without waiting for it. */
export function promising(core: CoreFunction): CoreFunction {
  const make: unknown = Reflect.get(WebAssembly, "promising");
  if (typeof make !== "function") throw missing();
  return make(core);
}

/** A function that core code calls and that may answer with a promise. */
export function suspending(body: CoreFunction): CoreFunction {
  const make: unknown = Reflect.get(WebAssembly, "Suspending");
  if (typeof make !== "function") throw missing();
  return Reflect.construct(make, [body]);
}

function missing(): ComponentError {
  return new ComponentError(
    "unsupported",
    "cannot run component: this engine cannot suspend WebAssembly (JSPI)",
  );
}
