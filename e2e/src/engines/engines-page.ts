// SPDX-License-Identifier: Apache-2.0
import type { ContainerDifference } from "../known-differences.ts";
import type { Cell } from "./cell.ts";
import type { CaseGroup, EngineCase } from "./engine-case.ts";

/** A column of the page. */
interface EngineColumn {
  readonly engine: string;
  /** Name and version. */
  readonly title: string;
}

/** The table as it has been run. */
export interface EngineTable {
  readonly columns: readonly EngineColumn[];
  readonly groups: readonly CaseGroup[];
  readonly cell: (engine: string, caseName: string) => Exclude<Cell, { readonly kind: "failed" }>;
}

/** Checks that a note names; all are in known-differences.json. */
const MAX_LISTED = 3;

const PROSE = `# What each engine runs

Written by \`e2e/src/engines.test.ts\`, which runs every case on every engine in containers of a real containerd, and fails
when this page is out of date. \`pass\` with a number: but for what the note lists. \`no\`: not supported, for the reason in
the note; the test asserts that it fails for that reason.
`;

/** The page docs/engines.md, formatted as oxfmt would. */
export function renderEnginesPage(table: EngineTable): string {
  const notes = new Map<string, number>();
  const rows = table.groups.flatMap(({ title, cases }) => [
    [`**${title}**`, ...table.columns.map(() => "")],
    ...cases.map((engineCase) => renderRow(table, engineCase, notes)),
  ]);
  const head = ["", ...table.columns.map(({ title }) => title)];
  const list = [...notes].map(([text, number]) => `${number}. ${text}\n`);
  return [PROSE, renderTable(head, rows), `## Notes\n\n${list.join("")}`].join("\n");
}

function renderRow({ columns, cell }: EngineTable, { name, title }: EngineCase, notes: Map<string, number>) {
  const cells = columns.map(({ engine }) => renderCell(engine, cell(engine, name), notes));
  return [title, ...cells];
}

function renderCell(
  engine: string,
  cell: ReturnType<EngineTable["cell"]>,
  notes: Map<string, number>,
): string {
  switch (cell.kind) {
    case "pass":
      return ["pass", ...differenceTexts(cell.differences).map((text) => noteMark(notes, text))].join(" ");
    case "unsupported": {
      const { reason, reference } = cell.entry;
      return `no ${noteMark(notes, `Not supported by ${engine}: ${reason} (${reference}).`)}`;
    }
    default:
      return cell satisfies never;
  }
}

/** One text for each reason. */
function differenceTexts(differences: readonly ContainerDifference[]): readonly string[] {
  const byReason = Map.groupBy(differences, ({ reason }) => reason);
  return [...byReason].map(([reason, checks]) => {
    const names = checks.map(({ check }) => `"${check}"`);
    if (names.includes('"*"')) return `But: ${reason}.`;
    const listed = names.slice(0, MAX_LISTED).join(", ");
    const more = names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more checks` : "";
    return `But for ${listed}${more}: ${reason}.`;
  });
}

/** The number of a note, which a text gets when it is first met. */
function noteMark(notes: Map<string, number>, text: string): string {
  const number = notes.get(text) ?? notes.size + 1;
  notes.set(text, number);
  return `<sup>${number}</sup>`;
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((text) => text.replaceAll("|", "\\|")));
  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...escaped.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |\n`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...escaped.map(line)].join("");
}
