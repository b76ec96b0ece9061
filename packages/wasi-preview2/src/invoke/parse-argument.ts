// SPDX-License-Identifier: Apache-2.0
import type { FunctionType, ValueType } from "../abi/value-type.ts";
import { ComponentError } from "../component-error.ts";

/**
 * The parameters of an invoked function from the guest's arguments: numbers, booleans, chars, strings and enums as
 * they are written, an option as its value.
 *
 * Throws `ComponentError` of kind `bad-arguments` for others, and when there are too few.
 */
export function parseArguments(
  name: string,
  type: FunctionType,
  args: readonly string[],
): readonly unknown[] {
  return type.params.map((param, index) => {
    const text = args[index];
    const value = text === undefined ? undefined : parse(param.type, text);
    if (value !== undefined || (text === undefined && param.type.kind === "option")) return value;
    const got = text === undefined ? "nothing" : `"${text}"`;
    throw new ComponentError(
      "bad-arguments",
      `cannot call function "${name}": got ${got} for parameter "${param.name}" (${param.type.kind})`,
      { names: [param.name] },
    );
  });
}

const INTEGER = /^[+-]?\d+$/;

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  s8: [-(2n ** 7n), 2n ** 7n - 1n],
  u8: [0n, 2n ** 8n - 1n],
  s16: [-(2n ** 15n), 2n ** 15n - 1n],
  u16: [0n, 2n ** 16n - 1n],
  s32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

function parse(type: ValueType, text: string): unknown {
  switch (type.kind) {
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "s8":
    case "u8":
    case "s16":
    case "u16":
    case "s32":
    case "u32":
      return numberOrNothing(parseInteger(type.kind, text));
    case "s64":
    case "u64":
      return parseInteger(type.kind, text);
    case "f32":
    case "f64":
      return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
    case "char":
      return /^.$/su.test(text) ? text : undefined;
    case "string":
      return text;
    case "enum":
      return type.labels.includes(text) ? text : undefined;
    case "option":
      return type.type.kind === "option" ? undefined : parse(type.type, text);
    default:
      return undefined;
  }
}

function parseInteger(kind: string, text: string): bigint | undefined {
  const [least, most] = RANGES[kind] ?? [0n, -1n];
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= least && value <= most ? value : undefined;
}

function numberOrNothing(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
