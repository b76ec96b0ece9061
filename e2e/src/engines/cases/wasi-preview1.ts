// SPDX-License-Identifier: Apache-2.0
import { TEST_MODULES } from "@runwasi/test-modules";
import type { CaseGroup } from "../engine-case.ts";
import { judgedCase } from "../judged-case.ts";

const CONFORMANCE = TEST_MODULES.filter(({ isConformance }) => isConformance);

/** Every function group of WASI preview 1, each judged by a module that looks at every function. */
export const wasiPreview1: CaseGroup = {
  title: "WASI preview 1",
  cases: [
    ...CONFORMANCE.map(({ name, description }) => judgedCase(name, description)),
    judgedCase("hello-unstable", "`wasi_unstable`, the first name of preview 1"),
  ],
};
