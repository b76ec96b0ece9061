// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { CallContext } from "./call-context.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const UTF16 = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });

/** Of a `latin1+utf16` length: it counts UTF-16 code units. */
const UTF16_TAG = 2 ** 31;
// CanonicalABI.md: MAX_STRING_BYTE_LENGTH
const MAX_BYTES = 2 ** 28 - 1;

/** Reads a string that lies at `pointer`; `length` counts code units of the call's encoding. */
export function loadString(context: CallContext, pointer: number, length: number): string {
  switch (context.encoding) {
    case "utf8":
      return decode(UTF8, context, pointer, length);
    case "utf16":
      return decode(UTF16, context, pointer, length * 2);
    case "latin1+utf16":
      if (length >= UTF16_TAG) return decode(UTF16, context, pointer, (length - UTF16_TAG) * 2);
      return Buffer.from(context.memory.slice(pointer, length)).toString("latin1");
    default:
      return context.encoding satisfies never;
  }
}

function decode(decoder: typeof UTF8, context: CallContext, pointer: number, sizeBytes: number): string {
  if (sizeBytes > MAX_BYTES) throw trap("a string is too long");
  const bytes = context.memory.slice(pointer, sizeBytes);
  try {
    return decoder.decode(bytes);
  } catch {
    throw trap("a string is not in the encoding that the component declares"); // the decoder says no more
  }
}

/** Writes a string into memory that the guest gives; its pointer and length. */
export function storeString(context: CallContext, text: string): readonly [pointer: number, length: number] {
  if (context.encoding === "utf8") {
    const bytes = Buffer.from(text, "utf8");
    return [storeBytes(context, bytes, 1), bytes.length];
  }
  const wellFormed = text.toWellFormed();
  const pointer = storeBytes(context, Buffer.from(wellFormed, "utf16le"), 2);
  const tag = context.encoding === "utf16" ? 0 : UTF16_TAG;
  return [pointer, wellFormed.length + tag];
}

/** Writes bytes into memory that the guest gives; their pointer. */
export function storeBytes(context: CallContext, bytes: Uint8Array, alignment: number): number {
  if (bytes.length > MAX_BYTES) throw trap("a string is too long");
  const pointer = context.allocate(bytes.length, alignment);
  context.memory.slice(pointer, bytes.length).set(bytes);
  return pointer;
}
