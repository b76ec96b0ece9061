// SPDX-License-Identifier: Apache-2.0
import { createCallContext, type CallContext, type CoreFunction } from "../abi/call-context.ts";
import { liftFunction, lowerFunction } from "../abi/cross-call.ts";
import type { Canonical, CanonicalOptions, ComponentDefinition, Definition } from "../binary/definitions.ts";
import { ComponentError } from "../component-error.ts";
import { bindInstance, exportOf, type Missing } from "./bind-instance.ts";
import { defineType, resourceAt } from "./define-type.ts";
import { type Host, unversioned } from "./host-interface.ts";
import type { ComponentItem, InstanceItem, Item } from "./items.ts";
import { at, type CoreInstance, malformed, Scope } from "./scope.ts";

/** An instance of a whole component. */
export interface Instance extends Disposable {
  readonly exports: InstanceItem;
}

/**
 * Instantiates a component on a host; disposing it ends the host's resources that it still has.
 *
 * Throws `ComponentError` of kind `missing-import`, naming all that is missing, `bad-component` or `unsupported`,
 * and whatever a core module's start function fails with.
 */
export function instantiate(definition: ComponentDefinition, host: Host): Instance {
  const missing: Missing = { names: [] };
  const scopes: Scope[] = [];
  const linker: Linker = { host, missing, scopes };
  const exports = instantiateOutermost(linker, definition);
  return {
    exports,
    [Symbol.dispose]() {
      for (const scope of scopes.toReversed()) scope.handles.destroyHostResources();
    },
  };
}

interface Linker {
  readonly host: Host;
  readonly missing: Missing;
  /** All component instances, nested ones too. */
  readonly scopes: Scope[];
}

function instantiateOutermost(linker: Linker, definition: ComponentDefinition): InstanceItem {
  try {
    return instantiateComponent(linker, { definition, scope: undefined }, undefined);
  } catch (error) {
    assertNothingMissing(linker.missing); // what is missing leaves gaps that what follows stumbles over
    throw error;
  }
}

// `args` are those of an instantiation inside a component; the outermost one's imports are the host's.
function instantiateComponent(
  linker: Linker,
  { definition, scope: parent }: ComponentItem,
  args: InstanceItem | undefined,
): InstanceItem {
  const scope = new Scope(parent);
  linker.scopes.push(scope);
  const exports = new Map<string, Item>();
  for (const one of definition.definitions) {
    if (one.kind === "core-instantiate") assertNothingMissing(linker.missing);
    define(linker, scope, one, { args, exports });
  }
  assertNothingMissing(linker.missing);
  return exports;
}

function assertNothingMissing({ names }: Missing): void {
  if (names.length === 0) return;
  const list = names.map((name) => `"${name}"`).join(", ");
  throw new ComponentError("missing-import", `cannot link component: it imports ${list} (not here)`, {
    names,
  });
}

interface Border {
  readonly args: InstanceItem | undefined;
  readonly exports: Map<string, Item>;
}

function define(linker: Linker, scope: Scope, definition: Definition, border: Border): void {
  switch (definition.kind) {
    case "core-module":
      scope.coreModules.push(definition.module);
      return;
    case "core-instantiate":
      scope.coreInstances.push(instantiateCore(scope, definition));
      return;
    case "core-bundle":
      scope.coreInstances.push(bundleCore(scope, definition));
      return;
    case "core-type":
      return;
    case "component":
      scope.components.push({ definition: definition.component, scope });
      return;
    case "instantiate": {
      const args = bundle(scope, definition.args);
      scope.instances.push(
        instantiateComponent(linker, at(scope.components, definition.component, "component"), args),
      );
      return;
    }
    case "bundle":
      scope.instances.push(bundle(scope, definition.exports));
      return;
    case "alias":
      defineAlias(scope, definition.alias);
      return;
    case "type":
      scope.types.push(defineType(scope, definition.type));
      return;
    case "canonical":
      defineCanonical(scope, definition.canonical);
      return;
    case "import":
      defineImport(linker, scope, definition, border.args);
      return;
    case "export": {
      const item = scope.item(definition.item.sort, definition.item.index);
      border.exports.set(definition.name, item);
      scope.add(item);
      return;
    }
    default:
      definition satisfies never;
  }
}

function instantiateCore(
  scope: Scope,
  definition: Extract<Definition, { kind: "core-instantiate" }>,
): CoreInstance {
  const imports = withoutPrototype(
    definition.args.map(({ name, instance }) => [name, at(scope.coreInstances, instance, "core instance")]),
  );
  const module = at(scope.coreModules, definition.module, "core module");
  try {
    return Reflect.construct(WebAssembly.Instance, [module, imports]).exports;
  } catch (error) {
    const isMismatch = error instanceof WebAssembly.LinkError || error instanceof TypeError;
    throw isMismatch ? malformed(error.message) : error;
  }
}

function bundleCore(scope: Scope, definition: Extract<Definition, { kind: "core-bundle" }>): CoreInstance {
  return withoutPrototype(
    definition.exports.map(({ name, sort, index }) => [name, scope.coreItem(sort, index)]),
  );
}

// A guest's imports must not find what every object has, `constructor` and the like.
function withoutPrototype(entries: readonly (readonly [string, unknown])[]): CoreInstance {
  return Object.setPrototypeOf(Object.fromEntries(entries), null);
}

function bundle(scope: Scope, exports: Extract<Definition, { kind: "bundle" }>["exports"]): InstanceItem {
  return new Map(exports.map(({ name, item }) => [name, scope.item(item.sort, item.index)]));
}

function defineAlias(scope: Scope, alias: Extract<Definition, { kind: "alias" }>["alias"]): void {
  switch (alias.target) {
    case "export":
      scope.add(exportOf(scope, alias.instance, alias.name));
      return;
    case "core-export": {
      const value = at(scope.coreInstances, alias.instance, "core instance")[alias.name];
      if (value === undefined) throw malformed(`core instance ${alias.instance} exports no "${alias.name}"`);
      scope.addCore(alias.sort, value);
      return;
    }
    case "outer":
      scope.add(scope.outer(alias.depth).item(alias.sort, alias.index));
      return;
    case "outer-core-type":
      return;
    default:
      alias satisfies never;
  }
}

function defineCanonical(scope: Scope, canonical: Canonical): void {
  switch (canonical.kind) {
    case "lift": {
      const type = at(scope.types, canonical.type, "type");
      if (type.kind !== "function") throw malformed(`type ${canonical.type} is not one of functions`);
      const func = liftFunction({
        core: at(scope.coreFuncs, canonical.core, "core func"),
        type,
        context: callContext(scope, canonical.options),
        postReturn: optionalFunction(scope, canonical.options.postReturn),
        mayBlock: scope.mayBlock,
      });
      scope.funcs.push(func);
      return;
    }
    case "lower": {
      const func = at(scope.funcs, canonical.func, "func");
      scope.mayBlock ||= func.mayBlock;
      scope.coreFuncs.push(lowerFunction(func, callContext(scope, canonical.options)));
      return;
    }
    case "resource.new": {
      const resource = resourceAt(scope, canonical.type);
      scope.coreFuncs.push((representation) => scope.handles.add(resource, Number(representation), true));
      return;
    }
    case "resource.drop": {
      const resource = resourceAt(scope, canonical.type);
      scope.coreFuncs.push((handle) => scope.handles.drop(resource, Number(handle) >>> 0));
      return;
    }
    case "resource.rep": {
      const resource = resourceAt(scope, canonical.type);
      scope.coreFuncs.push((handle) => scope.handles.get(resource, Number(handle) >>> 0));
      return;
    }
    default:
      canonical satisfies never;
  }
}

function callContext(scope: Scope, options: CanonicalOptions): CallContext {
  const memory =
    options.memory === undefined ? undefined : at(scope.coreMemories, options.memory, "core memory");
  if (memory !== undefined && !(memory instanceof WebAssembly.Memory)) throw malformed("a memory is none");
  const realloc = optionalFunction(scope, options.realloc);
  return createCallContext({ handles: scope.handles, encoding: options.encoding, memory, realloc });
}

function optionalFunction(scope: Scope, index: number | undefined): CoreFunction | undefined {
  return index === undefined ? undefined : at(scope.coreFuncs, index, "core func");
}

function defineImport(
  linker: Linker,
  scope: Scope,
  { name, description }: Extract<Definition, { kind: "import" }>,
  args: InstanceItem | undefined,
): void {
  if (args !== undefined) {
    const item = args.get(name);
    if (item === undefined) throw malformed(`a component inside it is not given "${name}"`);
    scope.add(item);
    return;
  }
  if (description.kind === "type-equal") {
    scope.types.push(at(scope.types, description.type, "type"));
    return;
  }
  const host = linker.host.get(unversioned(name));
  if (description.kind !== "instance" || host === undefined) {
    linker.missing.names.push(name);
    if (description.kind === "instance") scope.instances.push(new Map());
    return;
  }
  const type = at(scope.types, description.type, "type");
  if (type.kind !== "instance-type") throw malformed(`type ${description.type} is not one of instances`);
  scope.instances.push(bindInstance(name, type, host, linker.missing));
}
