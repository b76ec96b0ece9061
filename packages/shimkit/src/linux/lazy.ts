// SPDX-License-Identifier: Apache-2.0

/** Makes a value at its first use: a library's functions take time to load, and most processes call few of them. */
export function lazy<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= create());
}
