// SPDX-License-Identifier: Apache-2.0
import { casesOf } from "../abi/layout.ts";
import { fieldOf, listOf } from "../abi/store.ts";
import type { ValueType } from "../abi/value-type.ts";
import { caseOfValue } from "../abi/values.ts";

/** A value in WAVE: https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave */
export function formatValue(type: ValueType, value: unknown): string {
  switch (type.kind) {
    case "string":
      return JSON.stringify(value);
    case "char":
      return `'${String(value)}'`;
    case "f32":
    case "f64":
      return formatFloat(value);
    case "list":
      return `[${elements(value)
        .map((one) => formatValue(type.element, one))
        .join(", ")}]`;
    case "tuple": {
      const members = listOf(value);
      return `(${type.types.map((one, index) => formatValue(one, members[index])).join(", ")})`;
    }
    case "record":
      return `{${type.fields.map(({ name, key, type: one }) => `${name}: ${formatValue(one, fieldOf(value, key))}`).join(", ")}}`;
    case "flags":
      return `{${type.labels.filter((label) => value instanceof Set && value.has(label)).join(", ")}}`;
    case "variant":
    case "option":
    case "result": {
      const { index, payload } = caseOfValue(type, value);
      const { name = "", type: payloadType } = casesOf(type)[index] ?? {};
      return payloadType === undefined ? name : `${name}(${formatValue(payloadType, payload)})`;
    }
    case "own":
    case "borrow":
      return `<${type.resource.name}>`;
    default:
      return String(value);
  }
}

function elements(value: unknown): readonly unknown[] {
  return value instanceof Uint8Array ? [...value] : listOf(value);
}

function formatFloat(value: unknown): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  return Number.isNaN(value) ? "nan" : String(value);
}
