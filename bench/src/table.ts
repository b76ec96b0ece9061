// SPDX-License-Identifier: Apache-2.0

/** A Markdown table; cells are text or numbers, which get one decimal. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows.map((row) => row.map(cell))];
  return `${lines.map((line) => `| ${line.join(" | ")} |`).join("\n")}\n`;
}

function cell(value: string | number): string {
  return typeof value === "number" ? value.toFixed(1) : value;
}
