// SPDX-License-Identifier: Apache-2.0
export { OciRuntimeError, type OciRuntimeFailure } from "./error.ts";
export { findExecutable, findRuntime, type FoundRuntime } from "./find-runtime.ts";
export {
  openOciRuntime,
  type Child,
  type ChildStdio,
  type CreateOptions,
  type OciRuntime,
  type Spawn,
  type SpawnOptions,
} from "./oci-runtime.ts";
export { lowerSpecVersion, readSpecVersion } from "./spec-version.ts";
