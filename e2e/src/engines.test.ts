// SPDX-License-Identifier: Apache-2.0
// What every engine does, case by case, and docs/engines.md, which says so.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { CASE_GROUPS, CASES } from "./engines/case-groups.ts";
import { caseContext, prepareModules } from "./engines/case-context.ts";
import { startCells, type Cells } from "./engines/cells.ts";
import { publishEnginesPage } from "./engines/publish-page.ts";
import { misspeltEntries } from "./engines/unsupported.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { SHIM_ENGINES } from "./harness/engines.ts";
import { narrow } from "./harness/runtimes.ts";

/** The engines' doing does not depend on containerd; other suites run under every release. */
const CONTAINERD = "2.4.2";
/** A test waits for its cell, and with it for those that come before. */
const TIMEOUT_MS = 300_000;
setDefaultTimeout(TIMEOUT_MS);

const engines = narrow(SHIM_ENGINES, "RUNWASI_E2E_RUNTIME");
const only = process.env["RUNWASI_E2E_CASE"];
const cases = only === undefined ? CASES : CASES.filter(({ name }) => name === only);
const isWhole = engines.length === SHIM_ENGINES.length && only === undefined;

let containerd: Containerd | undefined;
let cells: Cells | undefined;

beforeAll(async () => {
  containerd = await startContainerd({ version: CONTAINERD });
  const started = containerd;
  const modules = await prepareModules(started);
  const contexts = engines.map((engine) => caseContext(engine, started, modules));
  cells = startCells(contexts, cases);
});

afterAll(async () => {
  await cells?.ended;
  await containerd?.[Symbol.asyncDispose]();
});

describe.each([...engines])("%s", (engine) => {
  test.each(cases.map(({ name }) => name))("%s", async (name) => {
    const cell = await cells?.cell(engine, name);
    if (cell?.kind === "failed") throw new Error(`${name} on ${engine}: ${cell.problem}`);
    expect(cell).toBeDefined();
  });
});

test("engines-unsupported.json names engines and cases that there are, each once", () => {
  expect(misspeltEntries()).toEqual([]);
});

// A part of the table is no page.
if (isWhole) {
  test("docs/engines.md is up to date", async () => {
    if (cells === undefined) throw new Error("no cells have been run");
    const page = resolve(import.meta.dir, "../../docs/engines.md");
    expect(await publishEnginesPage(page, cells, { engines, groups: CASE_GROUPS })).toBe("up to date");
  });
}
