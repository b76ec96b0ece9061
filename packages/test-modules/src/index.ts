// SPDX-License-Identifier: Apache-2.0
export { type BigModuleOptions, encodeBigModule } from "./big-module.ts";
export { type BuiltModule, buildTestComponents, buildTestModules, testModule } from "./build.ts";
export { type Check, parseChecks } from "./checks.ts";
export { TEST_COMPONENTS } from "./components.ts";
export { writeFixtures } from "./fixtures.ts";
export { type JudgedRun, judgeRun, type RunOutcome } from "./judge.ts";
export { KNOWN_DIFFERENCES, type KnownDifference } from "./known-differences.ts";
export { TEST_MODULES } from "./modules.ts";
export type { Fixture, ModuleSource, TestModule, TestRun } from "./test-module.ts";
