// SPDX-License-Identifier: Apache-2.0
import type { Declaration, ExternDescription } from "../binary/definitions.ts";
import { defineType } from "./define-type.ts";
import type { HostInterface } from "./host-interface.ts";
import type { InstanceItem, Item, TypeItem } from "./items.ts";
import { at, malformed, Scope } from "./scope.ts";

type InstanceType = Extract<TypeItem, { kind: "instance-type" }>;

/** What an import lacked. */
export interface Missing {
  readonly names: string[];
}

/**
 * The host's interface as the instance that a component declares it to be.
 *
 * The component's own declaration gives the functions' types, with the host's resources in the place of those
 * it leaves open. Functions that the host lacks are added to `missing`.
 */
export function bindInstance(
  name: string,
  type: InstanceType,
  host: HostInterface,
  missing: Missing,
): InstanceItem {
  const scope = new Scope(type.scope);
  const exports = new Map<string, Item>();
  for (const declaration of type.definition.declarations) {
    declare(scope, declaration, (exportName, description) => {
      const item = bindExport(scope, description, host, exportName);
      if (item === undefined) missing.names.push(`${name}#${exportName}`);
      else exports.set(exportName, item);
      return item;
    });
  }
  return exports;
}

type BindExport = (name: string, description: ExternDescription) => Item | undefined;

function declare(scope: Scope, declaration: Declaration, bind: BindExport): void {
  switch (declaration.kind) {
    case "core-type":
      return;
    case "type":
      scope.types.push(defineType(scope, declaration.type));
      return;
    case "alias": {
      const { alias } = declaration;
      if (alias.target === "outer") scope.add(scope.outer(alias.depth).item(alias.sort, alias.index));
      else if (alias.target === "export") scope.add(exportOf(scope, alias.instance, alias.name));
      return;
    }
    case "export": {
      const item = bind(declaration.name, declaration.description);
      if (item !== undefined) scope.add(item);
      return;
    }
    default:
      declaration satisfies never;
  }
}

/** What an instance of a scope exports by a name. */
export function exportOf(scope: Scope, instance: number, name: string): Item {
  const item = at(scope.instances, instance, "instance").get(name);
  if (item === undefined) throw malformed(`instance ${instance} exports no "${name}"`);
  return item;
}

function bindExport(
  scope: Scope,
  description: ExternDescription,
  host: HostInterface,
  name: string,
): Item | undefined {
  switch (description.kind) {
    case "resource": {
      const resource = Object.hasOwn(host.resources, name) ? host.resources[name] : undefined;
      return resource && { kind: "type", value: resource };
    }
    case "type-equal":
      return { kind: "type", value: at(scope.types, description.type, "type") };
    case "func": {
      const type = at(scope.types, description.type, "type");
      if (type.kind !== "function") throw malformed(`type ${description.type} is not one of functions`);
      const func = Object.hasOwn(host.functions, name) ? host.functions[name] : undefined;
      if (func === undefined) return undefined;
      return { kind: "func", value: { type, mayBlock: func.mayBlock, call: func.call } };
    }
    default:
      return undefined;
  }
}
