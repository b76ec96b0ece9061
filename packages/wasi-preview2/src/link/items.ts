// SPDX-License-Identifier: Apache-2.0
import type { ComponentFunction } from "../abi/cross-call.ts";
import type { FunctionType, ResourceType, ValueType } from "../abi/value-type.ts";
import type { ComponentDefinition, TypeDefinition } from "../binary/definitions.ts";
import type { Scope } from "./scope.ts";

/** What an index in the index space of types stands for. */
export type TypeItem =
  | ValueType
  | FunctionType
  | ResourceType
  | { readonly kind: "component-type" }
  | {
      readonly kind: "instance-type";
      readonly definition: Extract<TypeDefinition, { kind: "instance-type" }>;
      /** Where it was defined, which its outer aliases reach. */
      readonly scope: Scope;
    };

/** A component with the scope that its outer aliases reach. */
export interface ComponentItem {
  readonly definition: ComponentDefinition;
  readonly scope: Scope | undefined;
}

/** What an instance exports, by name. */
export type InstanceItem = ReadonlyMap<string, Item>;

/** Anything that is imported or exported. */
export type Item =
  | { readonly kind: "func"; readonly value: ComponentFunction }
  | { readonly kind: "type"; readonly value: TypeItem }
  | { readonly kind: "component"; readonly value: ComponentItem }
  | { readonly kind: "instance"; readonly value: InstanceItem }
  | { readonly kind: "core-module"; readonly value: WebAssembly.Module };
