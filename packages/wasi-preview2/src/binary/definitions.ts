// SPDX-License-Identifier: Apache-2.0

/** A sort of the core index spaces; its byte is `core:sort` of Binary.md. */
export type CoreSort = "func" | "table" | "memory" | "global" | "tag" | "type" | "module" | "instance";

/** A sort of the component index spaces, or `core-module`, the only core sort that components exchange. */
export type Sort = "func" | "value" | "type" | "component" | "instance" | "core-module";

/** An index in the index space of its sort. */
export interface SortIndex {
  readonly sort: Sort;
  readonly index: number;
}

/** A primitive type, or an index in the index space of types. */
export type TypeRef = { readonly kind: "index"; readonly index: number } | PrimitiveType;

export type PrimitiveKind =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string";

export type PrimitiveType = { [Kind in PrimitiveKind]: { readonly kind: Kind } }[PrimitiveKind];

export interface LabeledType {
  readonly name: string;
  readonly type: TypeRef;
}

/** One entry of a type section. */
export type TypeDefinition =
  | { readonly kind: "alias-of"; readonly type: TypeRef }
  | { readonly kind: "record"; readonly fields: readonly LabeledType[] }
  | {
      readonly kind: "variant";
      readonly cases: readonly { readonly name: string; readonly type: TypeRef | undefined }[];
    }
  | { readonly kind: "list"; readonly element: TypeRef; readonly length: number | undefined }
  | { readonly kind: "tuple"; readonly types: readonly TypeRef[] }
  | { readonly kind: "flags"; readonly labels: readonly string[] }
  | { readonly kind: "enum"; readonly labels: readonly string[] }
  | { readonly kind: "option"; readonly type: TypeRef }
  | { readonly kind: "result"; readonly ok: TypeRef | undefined; readonly err: TypeRef | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: number }
  | {
      readonly kind: "function";
      readonly params: readonly LabeledType[];
      readonly result: TypeRef | undefined;
    }
  | { readonly kind: "resource"; readonly destructor: number | undefined }
  | { readonly kind: "component-type" }
  | { readonly kind: "instance-type"; readonly declarations: readonly Declaration[] };

/** What an import or export is declared to be. */
export type ExternDescription =
  | { readonly kind: "core-module" | "value" | "component" }
  | { readonly kind: "func"; readonly type: number }
  | { readonly kind: "type-equal"; readonly type: number }
  | { readonly kind: "resource" }
  | { readonly kind: "instance"; readonly type: number };

/** One declaration of an instance type. */
export type Declaration =
  | { readonly kind: "core-type" }
  | { readonly kind: "type"; readonly type: TypeDefinition }
  | { readonly kind: "alias"; readonly alias: Alias }
  | { readonly kind: "export"; readonly name: string; readonly description: ExternDescription };

/** An alias adds what it names to the index space of its sort. */
export type Alias =
  | { readonly target: "export"; readonly sort: Sort; readonly instance: number; readonly name: string }
  | {
      readonly target: "core-export";
      readonly sort: CoreSort;
      readonly instance: number;
      readonly name: string;
    }
  | { readonly target: "outer"; readonly sort: Sort; readonly depth: number; readonly index: number }
  | { readonly target: "outer-core-type" };

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

export interface CanonicalOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

/** A function between the core index space and the component's. */
export type Canonical =
  | {
      readonly kind: "lift";
      readonly core: number;
      readonly type: number;
      readonly options: CanonicalOptions;
    }
  | { readonly kind: "lower"; readonly func: number; readonly options: CanonicalOptions }
  | { readonly kind: "resource.new" | "resource.drop" | "resource.rep"; readonly type: number };

interface CoreArgument {
  readonly name: string;
  readonly instance: number;
}

interface CoreExport {
  readonly name: string;
  readonly sort: CoreSort;
  readonly index: number;
}

export interface NamedItem {
  readonly name: string;
  readonly item: SortIndex;
}

/** One definition of a component; each adds to an index space, in this order. */
export type Definition =
  | { readonly kind: "core-module"; readonly module: WebAssembly.Module }
  | { readonly kind: "core-instantiate"; readonly module: number; readonly args: readonly CoreArgument[] }
  | { readonly kind: "core-bundle"; readonly exports: readonly CoreExport[] }
  | { readonly kind: "core-type" }
  | { readonly kind: "component"; readonly component: ComponentDefinition }
  | { readonly kind: "instantiate"; readonly component: number; readonly args: readonly NamedItem[] }
  | { readonly kind: "bundle"; readonly exports: readonly NamedItem[] }
  | { readonly kind: "alias"; readonly alias: Alias }
  | { readonly kind: "type"; readonly type: TypeDefinition }
  | { readonly kind: "canonical"; readonly canonical: Canonical }
  | { readonly kind: "import"; readonly name: string; readonly description: ExternDescription }
  | {
      readonly kind: "export";
      readonly name: string;
      readonly item: SortIndex;
    };

/** A decoded component, its core modules compiled; instantiated any number of times. */
export interface ComponentDefinition {
  readonly definitions: readonly Definition[];
}
