// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { Options } from "../packages/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { packAny } from "../packages/containerd-api/src/any.ts";
import { parseRuntimeOptions } from "../packages/shimkit/src/runtime-options.ts";
import { parseConfig } from "../packages/shim-wasm/src/config.ts";
import { engines as modules } from "../shims/all/src/shims.ts";
import { scripts } from "../package.json";
import { optionTables } from "./option-tables.ts";

const engines = await Promise.all(modules.map((engine) => engine.load()));
const ROOT = join(import.meta.dir, "..");
const PAGES = ["*.md", "docs/*.md", "{packages,tools,apps}/*/README.md", "e2e/README.md"].flatMap(
  (pattern) => [...new Glob(pattern).scanSync(ROOT)],
);

function read(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

function codeBlocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

test.each(PAGES)("the links of %s lead to files", (page) => {
  const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target);
  const missing = targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)));
  expect(missing).toEqual([]);
});

test.each(PAGES)("the npm commands of %s exist", (page) => {
  const named = [...read(page).matchAll(/npm run ([a-z-]+)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("the operators' example of runtime options is accepted by the shims", async () => {
  const example = codeBlocks("docs/operators.md", "toml").find((block) => block.includes("[preopens]")) ?? "";
  const configBody = new TextEncoder().encode(example);
  const any = packAny("runtimeoptions.v1.Options", Options, { typeUrl: "", configPath: "", configBody });
  const { systemdCgroup, rest } = parseRuntimeOptions(any);
  expect(systemdCgroup).toBe(true);
  const wasmtime = engines.find(({ name }) => name === "wasmtime");
  if (wasmtime === undefined) throw new Error("wasmtime is gone");
  expect(await parseConfig({}, rest, wasmtime, engines)).toMatchObject({
    enginePath: "/opt/wasmtime/wasmtime",
    defaultPreopens: ["/data"],
    maximumPreopens: ["/data", "/tmp"],
  });
});

test("the page on writing a shim shows the example program", () => {
  const example = read("packages/shim-wasm/examples/calculator.ts");
  expect(codeBlocks("docs/write-a-shim.md", "ts")).toContain(example.slice(example.indexOf("\n") + 1));
});

test("the operators' containerd configuration names a runtime type of ours", () => {
  const [block = ""] = codeBlocks("docs/operators.md", "toml");
  expect(() => Bun.TOML.parse(block)).not.toThrow();
  const type = /runtime_type = "io\.containerd\.(\w+)\.v1"/.exec(block)?.[1];
  expect(engines.map(({ name }) => name)).toContain(type ?? "none");
});

test("the operators' tables are those of the engines' options (bun scripts/option-tables.ts prints them)", () => {
  const cells = (text: string) => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");
  expect(cells(read("docs/operators.md"))).toContain(cells(optionTables(engines)));
});
