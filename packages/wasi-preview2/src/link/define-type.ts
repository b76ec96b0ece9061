// SPDX-License-Identifier: Apache-2.0
import type { ResourceType, ValueType } from "../abi/value-type.ts";
import type { LabeledType, TypeDefinition, TypeRef } from "../binary/definitions.ts";
import type { TypeItem } from "./items.ts";
import { at, malformed, type Scope } from "./scope.ts";

/** What a type definition is, given the types before it. */
export function defineType(scope: Scope, definition: TypeDefinition): TypeItem {
  const value = (ref: TypeRef): ValueType => valueType(scope, ref);
  const optional = (ref: TypeRef | undefined): ValueType | undefined => ref && value(ref);
  switch (definition.kind) {
    case "alias-of":
      return value(definition.type);
    case "record":
      return {
        kind: "record",
        fields: definition.fields.map(({ name, type }) => ({
          name,
          key: camelCase(name),
          type: value(type),
        })),
      };
    case "variant":
      return {
        kind: "variant",
        cases: definition.cases.map(({ name, type }) => ({ name, type: optional(type) })),
      };
    case "list":
      return { kind: "list", element: value(definition.element), length: definition.length };
    case "tuple":
      return { kind: "tuple", types: definition.types.map(value) };
    case "flags":
    case "enum":
    case "component-type":
      return definition;
    case "option":
      return { kind: "option", type: value(definition.type) };
    case "result":
      return { kind: "result", ok: optional(definition.ok), err: optional(definition.err) };
    case "own":
    case "borrow":
      return { kind: definition.kind, resource: resourceAt(scope, definition.resource) };
    case "function": {
      const params = definition.params.map(({ name, type }: LabeledType) => ({ name, type: value(type) }));
      return { kind: "function", params, result: optional(definition.result) };
    }
    case "resource":
      return defineResource(scope, definition.destructor);
    case "instance-type":
      return { kind: "instance-type", definition, scope };
    default:
      return definition satisfies never;
  }
}

function valueType(scope: Scope, ref: TypeRef): ValueType {
  if (ref.kind !== "index") return ref;
  const item = at(scope.types, ref.index, "type");
  switch (item.kind) {
    case "function":
    case "resource":
    case "component-type":
    case "instance-type":
      throw malformed(`type ${ref.index} is not one of values`);
    default:
      return item;
  }
}

/** The resource type at an index. */
export function resourceAt(scope: Scope, index: number): ResourceType {
  const item = at(scope.types, index, "type");
  if (item.kind !== "resource") throw malformed(`type ${index} is not a resource`);
  return item;
}

function defineResource(scope: Scope, destructor: number | undefined): ResourceType {
  const core = destructor === undefined ? undefined : at(scope.coreFuncs, destructor, "core func");
  return {
    kind: "resource",
    name: "resource",
    owner: scope.handles,
    destroy(representation) {
      if (typeof representation === "number") core?.(representation);
    },
  };
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}
