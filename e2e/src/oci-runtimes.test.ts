// SPDX-License-Identifier: Apache-2.0
// Every OCI runtime does under our shims what the others do. What one does otherwise is in oci-runtime-differences.json.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { ensureCriu } from "../../scripts/toolchain/criu.ts";
import { ensureYouki } from "../../scripts/toolchain/youki.ts";
import entries from "../oci-runtime-differences.json";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { importImages } from "./harness/images.ts";
import { busyboxRootfs } from "./harness/rootfs.ts";
import { moduleFiles } from "./harness/wasm-images.ts";
import { CASES, optionFlags } from "./oci-runtimes/cases.ts";
import { OCI_RUNTIMES, type OciRuntimeName, type RuntimeContext } from "./oci-runtimes/runtime-case.ts";

setDefaultTimeout(60_000);

/** Newest of both, on which the matrix is run: the OCI runtime is beside the point for the rest. */
const CONTAINERD = "2.4.2";
const SHIM = "jsc";

/** What a runtime does otherwise, and why that is not ours to mend. */
interface Difference {
  readonly runtime: string;
  readonly case: string;
  readonly reason: string;
  /** Expression that the failure matches, so that the case fails for this reason and no other. */
  readonly failure: string;
}

const differences: readonly Difference[] = entries;
let containerd: Containerd | undefined;

beforeAll(async () => {
  containerd = await startContainerd({ version: CONTAINERD });
  const layers = [await busyboxRootfs(), await moduleFiles(["hello", "sleep"])];
  await importImages(containerd, [{ name: "mixed", process: { env: ["PATH=/bin"] }, layers }]);
}, 900_000); // youki may have to be built

afterAll(async () => {
  await containerd?.[Symbol.asyncDispose]();
});

async function contextOf(name: OciRuntimeName): Promise<RuntimeContext> {
  if (containerd === undefined) throw new Error("containerd has not started");
  const criu = join(await ensureCriu(), "criu");
  const binary = name === "youki" ? join(await ensureYouki(), "youki") : name;
  const flags = await optionFlags(containerd.folder, { BinaryName: binary, CriuPath: criu });
  return {
    containerd,
    shim: SHIM,
    run: (parts) => ({ ...parts, runtime: SHIM, flags: [...(parts.flags ?? []), ...flags] }),
  };
}

describe.each([...OCI_RUNTIMES])("%s", (runtime) => {
  test.each(CASES.map((one) => [one.name, one] as const))("%s", async (name, { check }) => {
    const known = differences.find((entry) => entry.runtime === runtime && entry.case === name);
    const checked = check(await contextOf(runtime));
    if (known === undefined) return checked;
    const failure = await checked.then(
      () => `${runtime} passes "${name}" by now: take it from oci-runtime-differences.json`,
      messageOf,
    );
    expect(failure).toMatch(new RegExp(known.failure));
  });
});

test("every difference names a runtime and a case that there are, once", () => {
  const known = OCI_RUNTIMES.flatMap((runtime) => CASES.map(({ name }) => `${runtime}: ${name}`));
  const spoken = differences.map((entry) => `${entry.runtime}: ${entry.case}`);
  expect(spoken.filter((name, index) => !known.includes(name) || spoken.indexOf(name) !== index)).toEqual([]);
});

function messageOf(error: unknown): string {
  return Bun.stripANSI(error instanceof Error ? error.message : Bun.inspect(error));
}
