// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { isObject, type JsonObject, type RuntimeSpec } from "@runwasi/oci";
import { lowerSpecVersion, readSpecVersion } from "@runwasi/oci-runtime";
import { readSpec } from "../bundle-spec.ts";
import { writeSpec } from "../bundle.ts";
import type { ClaimedChild, ExitStatus } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type {
  CheckpointRequest,
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
import { createInit } from "./begin-init.ts";
import { endProcesses } from "./end-processes.ts";
import { explained } from "./explained.ts";
import { chooseRuntime, translated } from "./runtime-for.ts";
import { withPath } from "./with-path.ts";
import { deliverSignals, type SignalledInit } from "./signals.ts";
import type { ExecContainer } from "./exec.ts";
import type { DecideWorkload } from "./workload.ts";

/** Makes instances that an OCI runtime runs, each as `decide` says. */
export function ociInstances(decide: DecideWorkload): CreateInstance {
  return async (request, host) => {
    const came = readSpec(request.bundle.path);
    const workload = await decide(came, request, host);
    const spec = workload.spec ?? came;
    assertRunnable(spec, request.bundle.path); // an image may name no program and yet be one
    const runtime = await chooseRuntime(request, spec.linux?.cgroupsPath, host.spawn);
    const ociVersion = lowerSpecVersion(
      came.ociVersion,
      await readSpecVersion(runtime.executable, host.stateDir, host.spawn),
    );
    const process = spec === came ? spec.process : spec.process && withPath(spec.process, runtime);
    if (spec !== came || ociVersion !== came.ociVersion)
      writeSpec(request.bundle, { ...spec, process, ociVersion });
    const program = came.process?.args?.[0] ?? "";
    return begin(
      { ...partsOf(spec, request), runtime, program, workload, reaper: host.reaper },
      request,
      host,
    );
  };
}

async function begin(parts: Parts, request: InstanceRequest, host: InstanceHost): Promise<OciInstance> {
  const { runtime, workload, program, cgroupsPath } = parts;
  const { id, checkpoint, log } = request;
  if (checkpoint !== undefined) {
    if (workload.noCheckpoint !== undefined) {
      throw new ShimError("Unimplemented", `cannot restore task "${id}": ${workload.noCheckpoint}`);
    }
    const { restoreInit } = await import("./restore.ts");
    const images = { imagePath: checkpoint, cgroupsPath };
    return new OciInstance(parts, () => restoreInit(runtime, request, host, images));
  }
  const init = await createInit(runtime, request, host).catch((error: unknown) => {
    throw explained(error, program, workload.doubt);
  });
  log.debug(`created ${workload.description}`, { pid: init.pid, ociRuntime: runtime.executable });
  return new OciInstance(parts, init);
}

type SpecParts = Omit<Parts, "runtime" | "program" | "workload" | "reaper">;

/** What is needed of the spec later; it is not kept itself, as it may be large. */
function partsOf(spec: RuntimeSpec, { id, bundle, options }: InstanceRequest): SpecParts {
  return {
    id,
    bundle,
    sharesPids: sharesPidNamespace(spec),
    hasPoststartHooks: spec.hooks?.["poststart"] !== undefined,
    criuPath: options.criuPath,
    limitsMemory: limitsMemory(spec.linux?.resources),
    cgroupsPath: spec.linux?.cgroupsPath,
  };
}

function sharesPidNamespace(spec: RuntimeSpec): boolean {
  const own = spec.linux?.namespaces?.find(({ type }) => type === "pid");
  return own === undefined || (own.path ?? "") !== "";
}

function limitsMemory(resources: JsonObject | undefined): boolean {
  const memory = resources?.["memory"];
  const limit = isObject(memory) ? memory["limit"] : undefined;
  return typeof limit === "number" && limit > 0;
}

interface Parts extends ExecContainer {
  /** What the spec named, for errors. */
  readonly program: string;
  readonly sharesPids: boolean;
  readonly hasPoststartHooks: boolean;
  readonly criuPath: string;
  readonly limitsMemory: boolean;
  readonly cgroupsPath: string | undefined;
}

/** A container that there is: one to be restored begins with its start. */
interface Begun {
  readonly child: ClaimedChild;
  readonly init: SignalledInit;
  /** As it was then: init may move itself, or end. */
  readonly membership: CgroupMembership | undefined;
}

class OciInstance implements Instance {
  readonly exited: Instance["exited"];
  readonly #parts: Parts;
  readonly #exit = Promise.withResolvers<ExitStatus>();
  readonly #restore: (() => Promise<ClaimedChild>) | undefined;
  /** While it runs: whoever kills then waits for what there is to kill. */
  #restoring: Promise<ClaimedChild> | undefined;
  #begun: Begun | undefined;
  #cgroup: ContainerCgroup | undefined;
  #oomKills = 0n;
  #limitsMemory: boolean;
  /** Started at init's exit, not at Delete: containerd asks a few milliseconds later. */
  #deleted: Promise<void> | undefined;
  /** Never rejects; while one runs. */
  #checkpoint: Promise<void> | undefined;

  /** @param init what waits for start, or what restores it then */
  constructor(parts: Parts, init: ClaimedChild | (() => Promise<ClaimedChild>)) {
    this.#parts = parts;
    this.#limitsMemory = parts.limitsMemory;
    this.exited = this.#exit.promise;
    if (typeof init === "function") this.#restore = init;
    else this.#begin(init);
  }

  get limitsMemory(): boolean {
    return this.#limitsMemory;
  }

  get pid(): number {
    return this.#begun?.child.pid ?? 0;
  }

  #begin(child: ClaimedChild): void {
    const init = deliverSignals(child, this.#parts.workload.signals);
    this.#begun = { child, init, membership: readCgroupMembership(child.pid) };
    void init.exited.then((exit) => this.#ended(exit));
  }

  async #ended(exit: ExitStatus): Promise<void> {
    const { id, sharesPids, runtime } = this.#parts;
    if (sharesPids) await this.#endRest();
    // Of an exit with 0, which nothing was wrong with, only where the cgroup is known: finding it reads the host's mounts.
    if (exit.status !== 0 || this.#cgroup !== undefined) this.oomKills();
    // A checkpoint that ends the container also removes it: two of that at a time are in each other's way.
    this.#deleted =
      this.#checkpoint === undefined ? runtime.delete(id) : this.#checkpoint.then(() => runtime.delete(id));
    this.#deleted.catch(() => {}); // reported by delete()
    this.#exit.resolve(exit);
  }

  async start(): Promise<void> {
    if (this.#restore !== undefined) {
      this.#restoring = this.#restore();
      return this.#begin(await this.#restoring);
    }
    const { id, program, runtime, workload, hasPoststartHooks } = this.#parts;
    const { child } = this.#assertBegun("start");
    const before = workload.doubt === undefined ? undefined : executableOf(child.pid);
    await translated(() => runtime.start(id, hasPoststartHooks));
    if (workload.doubt !== undefined && (await endedBeforeExec(child, before))) {
      throw explained(new ShimError("FailedPrecondition", "it cannot be executed"), program, workload.doubt);
    }
  }

  async kill(signal: number, all: boolean): Promise<void> {
    const { id, runtime, workload } = this.#parts;
    if (this.#begun === undefined) await this.#restoring?.catch(() => {}); // reported by start()
    if (this.#begun === undefined && signal === constants.signals.SIGKILL) return this.#abandon();
    const { init } = this.#assertBegun("kill");
    if (!all) return init.signal(signal);
    await translated(() => runtime.killAll(id, signal));
    // Also in the way that its workload wants, if the signal has not ended it.
    if (workload.signals.kind !== "as-sent" && executableOf(this.pid) !== undefined) init.signal(signal);
  }

  /** Ends what was never restored, of which there is no process. */
  #abandon(): void {
    this.#deleted = Promise.resolve();
    this.#exit.resolve({ pid: 0, status: 128 + constants.signals.SIGKILL, exitedAtMs: Date.now() });
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

  oomKills(): bigint {
    try {
      if (this.#deleted === undefined) this.#oomKills = countOomKills(this.#findCgroup());
    } catch {
      // no cgroup of its own, which stats and pids report; here it is no reason to lose the exit
    }
    return this.#oomKills;
  }

  pids(): readonly number[] {
    return this.#begun === undefined ? [] : cgroupProcs(this.#findCgroup());
  }

  async stats(): Promise<Any> {
    // The messages of metrics are as large as the rest of a daemon, and many tasks are never measured.
    const { readCgroupStats } = await import("../stats/read-cgroup-stats.ts");
    return readCgroupStats(this.#findCgroup());
  }

  async exec(request: ExecRequest): Promise<ExecProcess> {
    this.#assertBegun("execute in");
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
    const changed: unknown = JSON.parse(resources);
    if (isObject(changed) && limitsMemory(changed)) this.#limitsMemory = true;
  }

  async checkpoint(request: CheckpointRequest): Promise<void> {
    const { child } = this.#assertBegun("checkpoint");
    const { checkpointContainer } = await import("./checkpoint.ts");
    if (this.#checkpoint !== undefined) {
      const said = "another checkpoint is being made";
      throw new ShimError("FailedPrecondition", `cannot checkpoint task "${this.#parts.id}": ${said}`);
    }
    const done = checkpointContainer(this.#parts, child.pid, request);
    this.#checkpoint = done.catch(() => {}); // reported below
    await done.finally(() => (this.#checkpoint = undefined));
  }

  #assertBegun(verb: string): Begun {
    if (this.#begun !== undefined) return this.#begun;
    throw new ShimError(
      "FailedPrecondition",
      `cannot ${verb} task "${this.#parts.id}": it is restored when it is started`,
    );
  }

  // Without a PID namespace of its own the kernel does not end the rest with init. The OCI runtime freezes what is to end,
  // and may know where there is no cgroup to look into; it takes a process. Whatever is left, the exit has to be told.
  async #endRest(): Promise<void> {
    const { id, runtime } = this.#parts;
    const isEnded = await endProcesses(() => this.pids()).catch(() => false);
    if (!isEnded) await runtime.killAll(id, constants.signals.SIGKILL).catch(() => {});
  }

  #findCgroup(): ContainerCgroup {
    const { membership } = this.#assertBegun("find the cgroup of");
    if (membership === undefined) {
      throw new ShimError("NotFound", `task "${this.#parts.id}" has no cgroup any more: init has ended`);
    }
    return (this.#cgroup ??= locateCgroup(membership));
  }
}
