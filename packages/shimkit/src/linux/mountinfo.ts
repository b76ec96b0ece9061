// SPDX-License-Identifier: Apache-2.0

/** A path as mountinfo writes it, without its octal escapes of space, tab, newline and backslash. */
export function unescapeMountPath(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
