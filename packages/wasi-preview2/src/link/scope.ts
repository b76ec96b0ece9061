// SPDX-License-Identifier: Apache-2.0
import type { CoreFunction } from "../abi/call-context.ts";
import type { ComponentFunction } from "../abi/cross-call.ts";
import { HandleTable } from "../abi/handle-table.ts";
import type { CoreSort, Sort } from "../binary/definitions.ts";
import { ComponentError } from "../component-error.ts";
import type { ComponentItem, InstanceItem, Item, TypeItem } from "./items.ts";

/** What a core instance exports. */
export type CoreInstance = Readonly<Record<string, unknown>>;

/** The index spaces of one component instance, or of one instance type, as far as they are filled. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly handles: HandleTable = new HandleTable();
  /** Whether a function that may block was given to the core modules. */
  mayBlock = false;

  readonly funcs: ComponentFunction[] = [];
  readonly types: TypeItem[] = [];
  readonly components: ComponentItem[] = [];
  readonly instances: InstanceItem[] = [];
  readonly coreModules: WebAssembly.Module[] = [];
  readonly coreInstances: CoreInstance[] = [];
  readonly coreFuncs: CoreFunction[] = [];
  readonly coreTables: unknown[] = [];
  readonly coreMemories: unknown[] = [];
  readonly coreGlobals: unknown[] = [];
  readonly coreTags: unknown[] = [];

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  /** The scope that an outer alias of this depth is about; 0 is this one. */
  outer(depth: number): Scope {
    if (depth === 0) return this;
    if (this.parent === undefined) throw malformed("an alias leads out of the component");
    return this.parent.outer(depth - 1);
  }

  item(sort: Sort, index: number): Item {
    switch (sort) {
      case "func":
        return { kind: "func", value: at(this.funcs, index, sort) };
      case "type":
        return { kind: "type", value: at(this.types, index, sort) };
      case "component":
        return { kind: "component", value: at(this.components, index, sort) };
      case "instance":
        return { kind: "instance", value: at(this.instances, index, sort) };
      case "core-module":
        return { kind: "core-module", value: at(this.coreModules, index, sort) };
      case "value":
        throw new ComponentError("unsupported", "cannot link component: it uses values");
      default:
        return sort satisfies never;
    }
  }

  add(item: Item): void {
    switch (item.kind) {
      case "func":
        this.funcs.push(item.value);
        return;
      case "type":
        this.types.push(item.value);
        return;
      case "component":
        this.components.push(item.value);
        return;
      case "instance":
        this.instances.push(item.value);
        return;
      case "core-module":
        this.coreModules.push(item.value);
        return;
      default:
        item satisfies never;
    }
  }

  coreItem(sort: CoreSort, index: number): unknown {
    return at(this.#coreSpace(sort), index, `core ${sort}`);
  }

  addCore(sort: CoreSort, value: unknown): void {
    if (sort === "func") {
      if (!isCoreFunction(value)) throw malformed("a core export is not the function that it is said to be");
      this.coreFuncs.push(value);
      return;
    }
    this.#coreSpace(sort).push(value);
  }

  #coreSpace(sort: CoreSort): unknown[] {
    switch (sort) {
      case "func":
        return this.coreFuncs;
      case "table":
        return this.coreTables;
      case "memory":
        return this.coreMemories;
      case "global":
        return this.coreGlobals;
      case "tag":
        return this.coreTags;
      case "type":
      case "module":
      case "instance":
        throw malformed(`a core ${sort} is exported from a core instance`);
      default:
        return sort satisfies never;
    }
  }
}

// A suspending import is an object and no function, but goes where functions go.
function isCoreFunction(value: unknown): value is CoreFunction {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

/** An entry of an index space; throws `bad-component` when there is none. */
export function at<Entry>(space: readonly Entry[], index: number, what: string): Entry {
  const entry = space[index];
  if (entry === undefined) throw malformed(`there is no ${what} ${index}`);
  return entry;
}

export function malformed(reason: string): ComponentError {
  return new ComponentError("bad-component", `cannot link component: ${reason}`);
}
