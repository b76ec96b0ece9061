// SPDX-License-Identifier: Apache-2.0
import type { PrimitiveType } from "../binary/definitions.ts";

/**
 * A resource type; each object is a type of its own.
 *
 * A host's resources are JavaScript objects, a guest's are i32 representations of its own choice.
 */
export interface ResourceType {
  readonly kind: "resource";
  readonly name: string;
  /** The instance that defines it; undefined for the host's. */
  readonly owner: object | undefined;
  /** Ends a resource whose last owner dropped it. */
  readonly destroy: (representation: unknown) => void;
}

interface Field {
  readonly name: string;
  /** The name as a property in JavaScript. */
  readonly key: string;
  readonly type: ValueType;
}

export interface VariantCase {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** A type of values, with all that it refers to. */
export type ValueType =
  | PrimitiveType
  | { readonly kind: "record"; readonly fields: readonly Field[] }
  | { readonly kind: "tuple"; readonly types: readonly ValueType[] }
  | { readonly kind: "list"; readonly element: ValueType; readonly length: number | undefined }
  | { readonly kind: "flags"; readonly labels: readonly string[] }
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | { readonly kind: "variant"; readonly cases: readonly VariantCase[] }
  | { readonly kind: "option"; readonly type: ValueType }
  | { readonly kind: "result"; readonly ok: ValueType | undefined; readonly err: ValueType | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: ResourceType };

export interface FunctionType {
  readonly kind: "function";
  readonly params: readonly { readonly name: string; readonly type: ValueType }[];
  readonly result: ValueType | undefined;
}
