// SPDX-License-Identifier: Apache-2.0
import type { ComponentFunction } from "../abi/cross-call.ts";
import { ComponentError } from "../component-error.ts";
import { unversioned } from "./host-interface.ts";
import type { InstanceItem } from "./items.ts";

/** What a command exports. */
export const RUN = "wasi:cli/run#run";
/** What a component exports that serves HTTP. */
export const HANDLE = "wasi:http/incoming-handler#handle";

/**
 * An exported function: one of the component itself by its name, or one of an interface that it exports, as
 * `interface#function` with or without a version, or by its name alone where that is enough.
 *
 * Throws `ComponentError` of kind `missing-export`.
 */
export function findExport(exports: InstanceItem, name: string): ComponentFunction {
  const named = [...exportedFunctions(exports)];
  const exact = named.find((one) => one.name === name || withoutVersion(one.name) === name);
  if (exact !== undefined) return exact.func;
  const [short, ...others] = named.filter((one) => one.name.endsWith(`#${name}`));
  if (short !== undefined && others.length === 0) return short.func;
  const found = named.map((one) => `"${one.name}"`).join(", ");
  throw new ComponentError(
    "missing-export",
    `cannot call function "${name}": it is not exported (${found || "none is"})`,
    { names: [name] },
  );
}

function withoutVersion(name: string): string {
  const at = name.indexOf("#");
  return at === -1 ? name : `${unversioned(name.slice(0, at))}${name.slice(at)}`;
}

function* exportedFunctions(
  exports: InstanceItem,
): Generator<{ readonly name: string; readonly func: ComponentFunction }> {
  for (const [name, item] of exports) {
    if (item.kind === "func") yield { name, func: item.value };
    if (item.kind !== "instance") continue;
    for (const [inner, member] of item.value) {
      if (member.kind === "func") yield { name: `${name}#${inner}`, func: member.value };
    }
  }
}
