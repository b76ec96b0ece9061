// SPDX-License-Identifier: Apache-2.0
import { acceptedValues, type Engine } from "../packages/shim-wasm/src/index.ts";

/** The options of every engine that has any, as docs/operators.md shows them. */
export function optionTables(engines: readonly Engine[]): string {
  return engines
    .filter(({ options = {} }) => Object.keys(options).length > 0)
    .map(({ name, options = {} }) => {
      const rows = Object.entries(options).map(
        ([option, declared]) =>
          `| \`${name}.${option}\` | ${declared.description} | ${acceptedValues(declared)} |`,
      );
      return ["| Option | Meaning | Accepted |", "| --- | --- | --- |", ...rows].join("\n");
    })
    .join("\n\n");
}

if (import.meta.main) {
  const { engines } = await import("../shims/all/src/shims.ts");
  process.stdout.write(`${optionTables(await Promise.all(engines.map((engine) => engine.load())))}\n`);
}
