// SPDX-License-Identifier: Apache-2.0
import { BROKEN_MODULES } from "./broken-modules.ts";
import { CONFORMANCE_MODULES } from "./conformance-modules.ts";
import { PROGRAM_MODULES } from "./program-modules.ts";
import type { TestModule } from "./test-module.ts";

/** All core modules, and bytes that are none. */
export const TEST_MODULES: readonly TestModule[] = [
  ...PROGRAM_MODULES,
  ...BROKEN_MODULES,
  ...CONFORMANCE_MODULES,
];
