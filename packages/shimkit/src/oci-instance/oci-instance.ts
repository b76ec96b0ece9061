// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import type { RuntimeSpec } from "@runwasi/oci";
import { lowerSpecVersion, readSpecVersion, type OciRuntime } from "@runwasi/oci-runtime";
import { readPidFile, readSpec, writeSpec } from "../bundle.ts";
import type { ClaimedChild } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type {
  CreateInstance,
  ExecProcess,
  ExecRequest,
  Instance,
  InstanceHost,
  InstanceRequest,
} from "../instance.ts";
import { countOomKills } from "../stats/oom-kills.ts";
import { cgroupProcs } from "../stats/cgroup-procs.ts";
import {
  locateCgroup,
  readCgroupMembership,
  type CgroupMembership,
  type ContainerCgroup,
} from "../stats/find-cgroup.ts";
import { endedBeforeExec, executableOf } from "./exec-watch.ts";
import { assertRunnable } from "./assert-runnable.ts";
import { endProcesses } from "./end-processes.ts";
import { explained } from "./explained.ts";
import { chooseRuntime, translated } from "./runtime-for.ts";
import { deliverSignals, type SignalledInit } from "./signals.ts";
import type { ExecContainer } from "./exec.ts";
import type { DecideWorkload } from "./workload.ts";

/** Makes instances that an OCI runtime runs, each as `decide` says. */
export function ociInstances(decide: DecideWorkload): CreateInstance {
  return async (request, host) => {
    const came = readSpec(request.bundle);
    const workload = await decide(came, request, host);
    const spec = workload.spec ?? came;
    assertRunnable(spec, request.bundle.path); // an image may name no program and yet be one
    const runtime = await chooseRuntime(request, spec.linux?.cgroupsPath, host.spawn);
    const ociVersion = lowerSpecVersion(
      came.ociVersion,
      await readSpecVersion(runtime.executable, host.stateDir, host.spawn),
    );
    if (spec !== came || ociVersion !== came.ociVersion) writeSpec(request.bundle, { ...spec, ociVersion });
    const program = came.process?.args?.[0] ?? "";
    const init = await createInit(runtime, request, host).catch((error: unknown) => {
      throw explained(error, program, workload.doubt);
    });
    request.log.debug(`created ${workload.description}`, { pid: init.pid, ociRuntime: runtime.executable });
    return new OciInstance({
      id: request.id,
      runtime,
      init,
      program,
      workload,
      bundle: request.bundle,
      reaper: host.reaper,
      sharesPids: sharesPidNamespace(spec),
      hasPoststartHooks: spec.hooks?.["poststart"] !== undefined,
    });
  };
}

/** Creates a container by the OCI runtime; its init waits, and is this daemon's to reap. On failure nothing of it is left. */
export async function createInit(
  runtime: OciRuntime,
  request: InstanceRequest,
  host: InstanceHost,
): Promise<ClaimedChild> {
  const { id, bundle, stdio, options } = request;
  using exits = host.reaper.watch();
  const isOthers = runtime.hasState(id); // a container of this id that is not ours: creating it fails, and it stays
  try {
    await translated(() =>
      runtime.create(id, {
        bundle: bundle.path,
        pidFile: bundle.pidFile,
        stdio: stdio.child,
        consoleSocket: stdio.consoleSocket,
        noPivotRoot: options.noPivotRoot,
        noNewKeyring: options.noNewKeyring,
      }),
    );
  } catch (error) {
    // A runtime that was killed half-way leaves its state and a cgroup.
    if (!isOthers && runtime.hasState(id)) await runtime.delete(id);
    throw error;
  }
  const pid = readPidFile(bundle.pidFile);
  if (pid === undefined) {
    await runtime.delete(id);
    throw new ShimError(
      "Internal",
      `cannot create container "${id}": ${runtime.executable} wrote no pid file`,
    );
  }
  return exits.claim(pid);
}

function sharesPidNamespace(spec: RuntimeSpec): boolean {
  const own = spec.linux?.namespaces?.find(({ type }) => type === "pid");
  return own === undefined || (own.path ?? "") !== "";
}

interface Parts extends ExecContainer {
  readonly init: ClaimedChild;
  /** What the spec named, for errors. */
  readonly program: string;
  readonly sharesPids: boolean;
  readonly hasPoststartHooks: boolean;
}

class OciInstance implements Instance {
  readonly pid: number;
  readonly exited: Instance["exited"];
  readonly #parts: Parts;
  readonly #init: SignalledInit;
  /** As it was at create: init may move itself, or end. */
  readonly #membership: CgroupMembership | undefined;
  #cgroup: ContainerCgroup | undefined;
  #oomKilled = false;
  /** Started at init's exit, not at Delete: containerd asks a few milliseconds later. */
  #deleted: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.pid = parts.init.pid;
    this.#membership = readCgroupMembership(this.pid);
    this.#init = deliverSignals(parts.init, parts.workload.signals);
    this.exited = this.#init.exited.then(async (exit) => {
      if (parts.sharesPids) await this.#endRest();
      this.#oomKilled = exit.status !== 0 && this.#countsOomKill();
      this.#deleted = parts.runtime.delete(parts.id);
      this.#deleted.catch(() => {}); // reported by delete()
      return exit;
    });
  }

  async start(): Promise<void> {
    const { id, init, program, runtime, workload, hasPoststartHooks } = this.#parts;
    const before = workload.doubt === undefined ? undefined : executableOf(init.pid);
    await translated(() => runtime.start(id, hasPoststartHooks));
    if (workload.doubt !== undefined && (await endedBeforeExec(init, before))) {
      throw explained(new ShimError("FailedPrecondition", "it cannot be executed"), program, workload.doubt);
    }
  }

  async kill(signal: number, all: boolean): Promise<void> {
    const { id, runtime, workload } = this.#parts;
    if (!all) return this.#init.signal(signal);
    await translated(() => runtime.killAll(id, signal));
    // Also in the way that its workload wants, if the signal has not ended it.
    if (workload.signals.kind !== "as-sent" && executableOf(this.pid) !== undefined)
      this.#init.signal(signal);
  }

  async delete(): Promise<void> {
    const { id, runtime } = this.#parts;
    const deleted = (this.#deleted ??= runtime.delete(id));
    try {
      await translated(() => deleted);
    } catch (error) {
      this.#deleted = undefined; // the next Delete tries again
      throw error;
    }
  }

  wasOomKilled(): boolean {
    return this.#oomKilled;
  }

  pids(): readonly number[] {
    return cgroupProcs(this.#findCgroup());
  }

  async stats(): Promise<Any> {
    // The messages of metrics are as large as the rest of a daemon, and many tasks are never measured.
    const { readCgroupStats } = await import("../stats/read-cgroup-stats.ts");
    return readCgroupStats(this.#findCgroup());
  }

  async exec(request: ExecRequest): Promise<ExecProcess> {
    return (await import("./exec.ts")).execInContainer(this.#parts, request);
  }

  async pause(): Promise<void> {
    await translated(() => this.#parts.runtime.pause(this.#parts.id));
  }

  async resume(): Promise<void> {
    await translated(() => this.#parts.runtime.resume(this.#parts.id));
  }

  async update(resources: string): Promise<void> {
    await (await import("./update.ts")).updateContainer(this.#parts, resources);
  }

  // Without a PID namespace of its own the kernel does not end the rest with init. The OCI runtime freezes what is to end,
  // and may know where there is no cgroup to look into; it takes a process. Whatever is left, the exit has to be told.
  async #endRest(): Promise<void> {
    const { id, runtime } = this.#parts;
    const isEnded = await endProcesses(() => this.pids()).catch(() => false);
    if (!isEnded) await runtime.killAll(id, constants.signals.SIGKILL).catch(() => {});
  }

  // Not for an exit with 0, which nothing was wrong with: finding the cgroup reads the host's mounts.
  #countsOomKill(): boolean {
    try {
      return countOomKills(this.#findCgroup()) > 0n;
    } catch {
      return false; // no cgroup of its own, which stats and pids report; here it is no reason to lose the exit
    }
  }

  #findCgroup(): ContainerCgroup {
    if (this.#membership === undefined) {
      throw new ShimError("NotFound", `task "${this.#parts.id}" has no cgroup any more: init has ended`);
    }
    return (this.#cgroup ??= locateCgroup(this.#membership));
  }
}
