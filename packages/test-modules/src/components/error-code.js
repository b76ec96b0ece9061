// SPDX-License-Identifier: Apache-2.0

/** What an import threw, as named in WIT: the value of an enum, the case of a variant; else the error's message. */
export function errorCode(error) {
  return error?.payload?.tag ?? error?.payload ?? error?.tag ?? error?.message ?? `${error}`;
}
