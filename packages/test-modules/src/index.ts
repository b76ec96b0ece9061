// SPDX-License-Identifier: Apache-2.0
export { type BuiltModule, buildTestModules, testModule } from "./build.ts";
export { type Check, parseChecks } from "./checks.ts";
export { writeFixtures } from "./fixtures.ts";
export { TEST_MODULES } from "./modules.ts";
export type { Fixture, ModuleSource, TestModule, TestRun } from "./test-module.ts";
