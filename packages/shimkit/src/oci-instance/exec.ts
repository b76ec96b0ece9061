// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OciRuntime } from "@runwasi/oci-runtime";
import { readSpec } from "../bundle-spec.ts";
import { readPidFile, type Bundle } from "../bundle.ts";
import type { ClaimedChild, Reaper } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type { ExecProcess, ExecRequest } from "../instance.ts";
import { endedBeforeExec } from "./exec-watch.ts";
import { explained } from "./explained.ts";
import { translated } from "./runtime-for.ts";
import { deliverSignals } from "./signals.ts";
import { withPath } from "./with-path.ts";
import type { ExecWorkload, Workload } from "./workload.ts";

/** The container in which a process is executed. */
export interface ExecContainer {
  readonly id: string;
  readonly bundle: Bundle;
  readonly runtime: OciRuntime;
  readonly reaper: Reaper;
  readonly workload: Workload;
}

/**
 * Runs a process in a container by the OCI runtime. Its init is this daemon's to reap, as the container's own is.
 *
 * @throws ShimError with the OCI runtime's reason; nothing of the process is left then.
 */
export async function execInContainer(container: ExecContainer, request: ExecRequest): Promise<ExecProcess> {
  const { bundle, workload, runtime } = container;
  const program = request.process.args?.[0] ?? "";
  const decided: ExecWorkload = (await workload.exec?.(request.process, readSpec(bundle.path))) ?? {
    process: request.process,
    signals: { kind: "as-sent" },
  };
  try {
    const isDecided = decided.process !== request.process;
    const process = isDecided ? withPath(decided.process, runtime) : decided.process;
    const child = await execProcess(container, { ...decided, process }, request);
    if (decided.doubt !== undefined && (await endedBeforeExec(child, realpathSync(runtime.executable)))) {
      throw new ShimError("FailedPrecondition", "it cannot be executed");
    }
    const init = deliverSignals(child, decided.signals);
    return { pid: child.pid, exited: init.exited, kill: (signal) => init.signal(signal) };
  } catch (error) {
    throw explained(error, program, decided.doubt);
  }
}

async function execProcess(
  { id, bundle, runtime, reaper }: ExecContainer,
  { process }: ExecWorkload,
  { stdio }: ExecRequest,
): Promise<ClaimedChild> {
  // Not named by the exec id, which may be no file name.
  const folder = mkdtempSync(join(bundle.path, "exec-"));
  const files = {
    process: join(folder, "process.json"),
    pidFile: join(folder, "pid"),
    logPath: join(folder, "log"),
  };
  using exits = reaper.watch();
  try {
    writeFileSync(files.process, JSON.stringify(process), { mode: 0o600 }); // the environment is often secret
    const { child, consoleSocket } = stdio;
    await translated(() => runtime.exec(id, { ...files, stdio: child, consoleSocket }));
    const pid = readPidFile(files.pidFile);
    if (pid === undefined) {
      throw new ShimError("Internal", `cannot execute in container "${id}": no pid file was written`);
    }
    return exits.claim(pid);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
