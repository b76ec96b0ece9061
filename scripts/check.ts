// SPDX-License-Identifier: Apache-2.0
// Everything that needs neither root nor network, in under a minute: `npm run check`.
import { assertDependencyDirection } from "./dependency-direction.ts";
import { runSteps, tool, type Step } from "./steps.ts";
import { createTestRun, type TestRun } from "./test-run.ts";

/** The checks; their tests are counted in `run`. */
export function checks(run: TestRun): readonly Step[] {
  return [
    ["format", tool("oxfmt", "--check", ".")],
    ["lint", tool("oxlint", "--type-aware", "--deny-warnings")],
    ["types", tool("tsc", "--project", ".")],
    ["unused code", tool("knip", "--no-config-hints")],
    ["dependency direction", assertDependencyDirection],
    [
      "unit tests",
      () =>
        run.test(
          "packages/",
          "shims/",
          "tools/",
          "apps/",
          "scripts/",
          "--path-ignore-patterns",
          "**/interop/**",
        ),
    ],
  ];
}

if (import.meta.main) {
  const run = createTestRun();
  const ok = await runSteps(checks(run));
  run.printTotals();
  process.exitCode = ok ? 0 : 1;
}
