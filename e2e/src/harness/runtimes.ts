// SPDX-License-Identifier: Apache-2.0
import { CONTAINERD_VERSIONS, type ContainerdVersion } from "../../../scripts/toolchain/containerd.ts";
import { ENGINES, type EngineName, type InstallableEngine } from "../../../scripts/toolchain/engine.ts";

/** A runtime that containerd is told to use; runc is the reference that native containers are held against. */
export type Runtime = InstallableEngine | "runc";

/** Releases under test. RUNWASI_E2E_CONTAINERD narrows them while a suite is written. */
export const CONTAINERDS: readonly ContainerdVersion[] = narrow(
  CONTAINERD_VERSIONS,
  "RUNWASI_E2E_CONTAINERD",
);

/** Our shims. RUNWASI_E2E_RUNTIME narrows them while a suite is written. */
export const SHIMS: readonly EngineName[] = narrow(ENGINES, "RUNWASI_E2E_RUNTIME");

/** What runs native containers: our shims, or runc alone (RUNWASI_E2E_RUNTIME=runc) to prove the suites. */
export const NATIVE_RUNTIMES: readonly Runtime[] =
  process.env["RUNWASI_E2E_RUNTIME"] === "runc" ? ["runc"] : SHIMS;

/** The name that `ctr run --runtime` takes. */
export function runtimeName(runtime: Runtime): string {
  return runtime === "runc" ? "io.containerd.runc.v2" : `io.containerd.${runtime}.v1`;
}

/** All, or the one that a variable of the environment names. */
export function narrow<T extends string>(all: readonly T[], variable: string): readonly T[] {
  const only = process.env[variable];
  return only === undefined ? all : all.filter((name) => name === only);
}
