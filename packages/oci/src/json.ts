// SPDX-License-Identifier: Apache-2.0

// https://tc39.es/proposal-json-parse-with-source/, which TypeScript's library does not know yet.
declare global {
  interface JSON {
    parse(
      text: string,
      reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

/** A JSON object whose members have not been looked at. */
export type JsonObject = { [name: string]: unknown };

/** Untrusted JSON that is not what its specification says. The message names the member. */
export class MalformedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MalformedError";
  }
}

/** A number may have this many digits and more only if a double may not hold it; most JSON has none. */
const LONG_NUMBER = /\d{16}/;

/**
 * Parses JSON text whose top level has to be an object. Throws MalformedError naming `what`.
 *
 * Integers that a double cannot hold (the 64-bit limits of a runtime spec) become what JSON.rawJSON gives, an opaque
 * value that JSON.stringify writes back digit by digit.
 */
export function parseJsonObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
  } catch (error) {
    throw new MalformedError(
      `${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
  if (!isObject(value)) throw new MalformedError(`${what} is not a JSON object`);
  return value;
}

function keepExact(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  const isInexact = typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined;
  return isInexact ? JSON.rawJSON(source) : value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** Checks one member of a JSON object with `is`; absent and null are undefined, as Go's encoders write them. */
export function member<T>(
  object: JsonObject,
  name: string,
  is: (value: unknown) => value is T,
  expected: string,
): T | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw new MalformedError(`"${name}" is not ${expected}`);
  return value;
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString);
}

export function isObjectArray(value: unknown): value is JsonObject[] {
  return Array.isArray(value) && value.every(isObject);
}

export function isStringMap(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every(isString);
}
