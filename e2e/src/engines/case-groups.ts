// SPDX-License-Identifier: Apache-2.0
import { component } from "./cases/component.ts";
import { environment } from "./cases/environment.ts";
import { files } from "./cases/files.ts";
import { httpFetch } from "./cases/http-fetch.ts";
import { httpServe } from "./cases/http-serve.ts";
import { limits } from "./cases/limits.ts";
import { program } from "./cases/program.ts";
import { wasiPreview1 } from "./cases/wasi-preview1.ts";
import type { CaseGroup, EngineCase } from "./engine-case.ts";

/** The rows of the table, in order. */
export const CASE_GROUPS: readonly CaseGroup[] = [
  program,
  environment,
  files,
  limits,
  wasiPreview1,
  component,
  httpServe,
  httpFetch,
];

export const CASES: readonly EngineCase[] = CASE_GROUPS.flatMap(({ cases }) => cases);
