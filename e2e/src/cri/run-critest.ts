// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { criToolsBin } from "../../../scripts/toolchain/cri-tools.ts";
import { runCommand } from "../harness/command.ts";
import type { Runtime } from "../harness/runtimes.ts";
import type { CriNode } from "./cri-node.ts";
import { critestImages } from "./critest-images.ts";

/** A case of critest and how it went. */
export interface CritestCase {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  /** What it says of a failure or a skip. */
  readonly reason: string;
  readonly tookMs: number;
}

const TIMEOUT_MS = 240_000;
const CGROUPS = "/sys/fs/cgroup";

/** Puts the images that critest asks for into a node's registry. */
export async function publishCritestImages(node: CriNode): Promise<void> {
  for (const { names, image } of await critestImages()) {
    for (const name of names) await node.publish(image, name);
  }
}

/**
 * critest's pods name no cgroup, and are below one that is called as CRI's namespace, which none of them removes. Not while
 * another critest runs on this machine, which may be about to make a container there.
 */
export async function removeEmptyCgroups(): Promise<void> {
  for (const hierarchy of [CGROUPS, ...(await readdir(CGROUPS)).map((name) => join(CGROUPS, name))]) {
    // Absent, or another's who has containers in it.
    await rmdir(join(hierarchy, "k8s.io")).catch(() => undefined);
  }
}

/** Runs critest against a runtime handler; `focus` narrows it to cases whose name matches. */
export async function runCritest(
  node: CriNode,
  handler: Runtime,
  focus?: string,
): Promise<readonly CritestCase[]> {
  const { folder, mounts } = node.containerd;
  const work = join(folder, `critest-${handler}`);
  await mkdir(work, { recursive: true });
  const report = join(work, "report.json");
  const flags = [
    `-runtime-endpoint=unix://${join(folder, "containerd.sock")}`,
    `-runtime-handler=${handler}`,
    `-ginkgo.json-report=${report}`,
    "-ginkgo.no-color",
    ...(focus === undefined ? [] : [`-ginkgo.focus=${focus}`]),
  ];
  const { stdout } = await runCommand(mounts.enter([join(criToolsBin, "critest"), ...flags]), {
    timeoutMs: TIMEOUT_MS,
    cwd: work,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: work, TMPDIR: work },
  });
  const written = Bun.file(report);
  if (!(await written.exists())) throw new Error(`critest wrote no report: ${stdout.slice(-2000)}`);
  return parseReport(await written.json());
}

function parseReport(report: unknown): readonly CritestCase[] {
  const suites = Array.isArray(report) ? report : [];
  const cases = suites.flatMap((suite: unknown) => listOf(suite, "SpecReports").flatMap(parseCase));
  if (cases.length === 0) throw new Error("critest's report has no cases");
  return cases;
}

// Set-up and tear-down of the whole are nodes without a text; what the focus leaves out is pending or skipped silently.
function parseCase(value: unknown): readonly CritestCase[] {
  const spec = fieldsOf(value);
  const leaf = spec["LeafNodeText"];
  if (typeof leaf !== "string" || leaf === "") return [];
  const name = [...listOf(value, "ContainerHierarchyTexts"), leaf].map(String).join(" ");
  const message = fieldsOf(spec["Failure"])["Message"];
  const reason = typeof message === "string" ? message : "";
  const tookMs = Math.round(Number(spec["RunTime"]) / 1_000_000);
  const state = String(spec["State"]);
  if (state === "passed") return [{ name, state, reason, tookMs }];
  if (state === "skipped") return reason === "" ? [] : [{ name, state, reason, tookMs }];
  return [{ name, state: "failed", reason: `${state}: ${reason}`, tookMs }];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldsOf(value)[name];
  return Array.isArray(list) ? list : [];
}
