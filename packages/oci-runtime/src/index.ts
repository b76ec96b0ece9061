// SPDX-License-Identifier: Apache-2.0
export { cachedByIdentity, type IdentityCache } from "./cached-by-identity.ts";
export { type CheckpointOptions, type RestoreOptions } from "./checkpoint.ts";
export { OciRuntimeError, type OciRuntimeFailure } from "./error.ts";
export { findExecutable, findRuntime, type FoundRuntime } from "./find-runtime.ts";
export { openOciRuntime, type CreateOptions, type ExecOptions, type OciRuntime } from "./oci-runtime.ts";
export { type Child, type ChildStdio, type Spawn, type SpawnOptions } from "./run-runtime.ts";
export { readFeatures } from "./read-features.ts";
export { lowerSpecVersion, readSpecVersion } from "./spec-version.ts";
export { versionOutput, type VersionQuestion } from "./version-output.ts";
