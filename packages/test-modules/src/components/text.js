// SPDX-License-Identifier: Apache-2.0
// UTF-8 for components: QuickJS has neither TextEncoder nor TextDecoder.

/** The bytes of a text. */
export function encode(text) {
  const binary = encodeURIComponent(text).replace(/%(..)/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** The text of bytes that are known to be UTF-8; throws for others. */
export function decode(bytes) {
  let escaped = "";
  for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  return decodeURIComponent(escaped);
}
