// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";

/** A value of an option, as its kind says. */
export type OptionValue = boolean | number | string;

/** The options of one workload that somebody has set, by name. */
export type OptionValues = ReadonlyMap<string, OptionValue>;

/**
 * An option of an engine, with the arguments that a value makes of its command line.
 *
 * - `switch`: true or false. Where the node says false, a pod cannot say true.
 * - `count`: an integer of `unit`. Where the node says one, a pod cannot say more.
 * - `choice`: one of `values`.
 * - `file`: an absolute path inside the container, of letters, digits and `._-/`: safe in any list of options.
 */
export type EngineOption = {
  /** For the operator: what it does, in a few words. */
  readonly description: string;
} & (
  | { readonly kind: "switch"; readonly args?: (on: boolean) => readonly string[] }
  | {
      readonly kind: "count";
      readonly unit: string;
      readonly minimum: number;
      readonly maximum: number;
      readonly args?: (count: number) => readonly string[];
    }
  | {
      readonly kind: "choice";
      readonly values: readonly string[];
      readonly args?: (value: string) => readonly string[];
    }
  | { readonly kind: "file"; readonly args?: (path: string) => readonly string[] }
);

/** An engine's options by name: lower-case words with hyphens. */
export type EngineOptions = Readonly<Record<string, EngineOption>>;

/** The arguments that the set options make of an engine's command line, in the order in which they are declared. */
export function optionArguments(declared: EngineOptions, values: OptionValues): readonly string[] {
  return Object.entries(declared).flatMap(([name, option]) => {
    const value = values.get(name);
    if (value === undefined) return [];
    switch (option.kind) {
      case "switch":
        return typeof value === "boolean" ? (option.args?.(value) ?? []) : [];
      case "count":
        return typeof value === "number" ? (option.args?.(value) ?? []) : [];
      case "choice":
      case "file":
        return typeof value === "string" ? (option.args?.(value) ?? []) : [];
      default:
        return option satisfies never;
    }
  });
}

/**
 * Checks a value of the node's configuration.
 *
 * @param source what to call it in the error
 * @throws ShimError InvalidArgument with the accepted values.
 */
export function parseOptionValue(option: EngineOption, value: unknown, source: string): OptionValue {
  switch (option.kind) {
    case "switch":
      if (typeof value === "boolean") return value;
      break;
    case "count":
      if (Number.isInteger(value) && typeof value === "number" && isWithin(value, option)) return value;
      break;
    case "choice":
      if (typeof value === "string" && option.values.includes(value)) return value;
      break;
    case "file":
      if (typeof value === "string" && PLAIN_PATH.test(value)) return value;
      break;
    default:
      return option satisfies never;
  }
  throw new ShimError("InvalidArgument", `cannot use ${source}: accepted is ${acceptedValues(option)}`);
}

/** As parseOptionValue, of an annotation, which is text. */
export function parseOptionText(option: EngineOption, text: string, source: string): OptionValue {
  return parseOptionValue(option, fromText(option, text), source);
}

/** Whether a pod may set `asked` where the node has set `node`: what the node limits can be made narrower only. */
export function isNarrower(asked: OptionValue, node: OptionValue | undefined): boolean {
  if (typeof node === "number" && typeof asked === "number") return asked <= node;
  return !(node === false && asked === true);
}

const PLAIN_PATH = /^\/[\w.\-/]+$/;

function fromText(option: EngineOption, text: string): unknown {
  if (option.kind === "switch") return text === "true" || (text === "false" ? false : undefined);
  if (option.kind === "count") return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return text;
}

function isWithin(value: number, { minimum, maximum }: { minimum: number; maximum: number }): boolean {
  return value >= minimum && value <= maximum;
}

/** What may be said for an option, in words. */
export function acceptedValues(option: EngineOption): string {
  switch (option.kind) {
    case "switch":
      return "true or false";
    case "count":
      return `an integer from ${option.minimum} to ${option.maximum} (${option.unit})`;
    case "choice":
      return option.values.join(", ");
    case "file":
      return "an absolute path of letters, digits and ._-/";
    default:
      return option satisfies never;
  }
}
