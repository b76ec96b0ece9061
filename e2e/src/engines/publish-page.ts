// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from "node:fs/promises";
import type { InstallableEngine } from "../../../scripts/toolchain/engine.ts";
import { engineVersion } from "../harness/engines.ts";
import type { Cell } from "./cell.ts";
import type { Cells } from "./cells.ts";
import { renderEnginesPage } from "./engines-page.ts";
import type { CaseGroup } from "./engine-case.ts";

/** What the page shows. */
export interface PageContent {
  readonly engines: readonly InstallableEngine[];
  readonly groups: readonly CaseGroup[];
}

/**
 * Writes the page when its content has changed, and answers whether it had. Throws, and leaves the page as it is, when
 * a cell has failed.
 */
export async function publishEnginesPage(
  path: string,
  cells: Cells,
  { engines, groups }: PageContent,
): Promise<"up to date" | "was out of date and has been written"> {
  const found = new Map<string, Exclude<Cell, { readonly kind: "failed" }>>();
  for (const engine of engines) {
    for (const { name } of groups.flatMap((group) => group.cases)) {
      const cell = await cells.cell(engine, name);
      if (cell.kind === "failed") throw new Error(`cannot write "${path}": ${name} has failed on ${engine}`);
      found.set(`${engine} ${name}`, cell);
    }
  }
  const columns = await Promise.all(
    engines.map(async (engine) => ({ engine, title: await engineVersion(engine) })),
  );
  const content = renderEnginesPage({
    columns,
    groups,
    cell(engine, name) {
      const cell = found.get(`${engine} ${name}`);
      if (cell === undefined) throw new Error(`no cell of ${name} on ${engine}`);
      return cell;
    },
  });
  if ((await readFile(path, "utf8").catch(() => "")) === content) return "up to date";
  await writeFile(path, content);
  return "was out of date and has been written";
}
