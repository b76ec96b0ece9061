// SPDX-License-Identifier: Apache-2.0
import { decodeComponent } from "./binary/decode-component.ts";
import type { ComponentDefinition } from "./binary/definitions.ts";
import { unversioned } from "./link/host-interface.ts";

/** What a component is made for, by what it exports: a command runs, `http` serves, a library is only invoked. */
export type World = "command" | "http" | "library";

/** A component whose modules are compiled. */
export interface Component {
  readonly definition: ComponentDefinition;
  readonly world: World;
}

/** Decodes and compiles a component; throws `ComponentError` as `decodeComponent` does. */
export function loadComponent(component: Uint8Array | Component): Component {
  if (!(component instanceof Uint8Array)) return component;
  const definition = decodeComponent(component);
  return { definition, world: worldOf(definition) };
}

function worldOf({ definitions }: ComponentDefinition): World {
  const names = new Set(definitions.flatMap((one) => (one.kind === "export" ? unversioned(one.name) : [])));
  if (names.has("wasi:cli/run")) return "command";
  return names.has("wasi:http/incoming-handler") ? "http" : "library";
}
