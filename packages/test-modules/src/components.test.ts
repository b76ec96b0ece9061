// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { testModule } from "./build.ts";
import { TEST_COMPONENTS } from "./components.ts";
import { TEST_MODULES } from "./modules.ts";

const COMPONENT_PREAMBLE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const FOLDER = join(import.meta.dir, "components");

test("names are used once, and not by core modules", () => {
  const names = [...TEST_MODULES, ...TEST_COMPONENTS].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

// Those from JavaScript take two seconds each: interop/components.test.ts builds them.
test("each component from WAT is a component of some kilobytes", async () => {
  for (const { name, source } of TEST_COMPONENTS) {
    if (source.kind !== "component-wat") continue;
    const bytes = await testModule(name);
    expect(bytes.slice(0, COMPONENT_PREAMBLE.length)).toEqual(COMPONENT_PREAMBLE);
    expect(bytes.length).toBeLessThan(8192);
  }
});

test("each component's file says in its first line what it shows, and each file is a component's", () => {
  const files = readdirSync(FOLDER).filter((file) => file.startsWith("component-"));
  const extensions = { "component-wat": "wat", "component-javascript": "js" } as const;
  const expected = TEST_COMPONENTS.map(({ name, source: { kind } }) =>
    kind === "component-wat" || kind === "component-javascript" ? `${name}.${extensions[kind]}` : name,
  );
  expect(files.toSorted()).toEqual(expected.toSorted());
  for (const file of files)
    expect(readFileSync(join(FOLDER, file), "utf8")).toMatch(/^(;;|\/\/) [A-Z].*\.\n\1 SPDX/);
});

test("each component has its world", () => {
  const worlds = readFileSync(join(FOLDER, "wit/worlds.wit"), "utf8");
  for (const { name } of TEST_COMPONENTS) expect(worlds).toContain(`world ${name} {`);
});
