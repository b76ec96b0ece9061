// SPDX-License-Identifier: Apache-2.0
// Everything that needs neither root nor network: `npm run check`.
import { assertDependencyDirection } from "./dependency-direction.ts";
import { runSteps } from "./steps.ts";

export const UNIT_TESTS: readonly string[] = ["packages/", "shims/", "scripts/"];

if (import.meta.main) {
  await runSteps([
    ["format", "oxfmt", "--check", "."],
    ["lint", "oxlint", "--type-aware"],
    ["types", "tsc", "--project", "."],
    ["unused code", "knip"],
    ["dependency direction", assertDependencyDirection],
    ["unit tests", "bun", "test", ...UNIT_TESTS],
  ]);
}
