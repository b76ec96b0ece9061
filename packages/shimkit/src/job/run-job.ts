// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, mkdirSync, openSync, readSync, rmSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { join } from "node:path";
import { lowerSpecVersion, readSpecVersion, type OciRuntime } from "@runwasi/oci-runtime";
import { writeSpec, type Bundle } from "../bundle.ts";
import type { ClaimedChild } from "../daemon/reaper.ts";
import { hasErrno } from "../linux/errno.ts";
import type { InstanceHost, InstanceRequest } from "../instance.ts";
import { createInit } from "../oci-instance/begin-init.ts";
import { chooseRuntime, isSystemdPath, translated } from "../oci-instance/runtime-for.ts";
import { createPipe } from "../linux/pipe-syscalls.ts";
import { countOomKills } from "../stats/oom-kills.ts";
import { locateCgroup, readCgroupMembership } from "../stats/find-cgroup.ts";
import { JOB_ID, jobBundle } from "./job-bundle.ts";
import { jobPlace, jobSpec, type Job } from "./job-spec.ts";

/** How a job ended. */
export type JobEnd =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "timed-out" };

/** What a job leaves. Everything in it is the program's, and not to be trusted. */
export interface JobResult {
  readonly end: JobEnd;
  /** The beginning of what it wrote to stderr. */
  readonly words: string;
  /** Its output folder, as long as `use` runs. Nobody writes there any more. */
  readonly outputPath: string;
}

/** open(2); node:fs does not export it. */
const O_PATH = 0o10000000;
/** Of the program's own words, for a log. */
const MAX_WORDS_BYTES = 2_048;
const OCI_VERSION = "1.0.2";

/** The container for which a job works. */
export interface JobOwner {
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
  /** That container's own. */
  readonly cgroupsPath: string | undefined;
}

/**
 * Runs a job in a container of its own to its end and answers what `use` makes of the result. Nothing is left of it then;
 * when the daemon is killed meanwhile, the command `delete` of the container it worked for ends it. One at a time for a
 * container.
 *
 * @throws ShimError when it cannot be run at all, and what `use` throws.
 */
export async function runJob<T>(
  job: Job,
  owner: JobOwner,
  use: (result: JobResult) => T | Promise<T>,
): Promise<T> {
  await using undo = new AsyncDisposableStack();
  const bundle = jobBundle(owner.request.bundle);
  undo.defer(() => rmSync(bundle.path, { recursive: true, force: true }));
  mkdirSync(bundle.rootfs, { recursive: true, mode: 0o755 });
  const words = undo.use(openWords());
  const { runtime, init } = await createJob(job, owner, { bundle, stderr: words.write });
  undo.defer(() => translated(() => runtime.delete(JOB_ID)));
  words.handedOver();
  // Before it runs: its mounts go with it, but for what is held.
  const output = openSync(`/proc/${init.pid}/root${job.output}`, O_PATH | constants.O_DIRECTORY);
  undo.defer(() => closeSync(output));
  const end = await runToEnd(runtime, init, job.timeoutMs);
  return await use({ end, words: words.read(), outputPath: `/proc/self/fd/${output}` });
}

async function createJob(
  job: Job,
  { request, host, cgroupsPath }: JobOwner,
  { bundle, stderr }: { readonly bundle: Bundle; readonly stderr: number },
): Promise<{ readonly runtime: OciRuntime; readonly init: ClaimedChild }> {
  const systemdCgroup = request.options.systemdCgroup ?? isSystemdPath(cgroupsPath);
  const own: InstanceRequest = {
    ...request,
    id: JOB_ID,
    bundle,
    options: { ...request.options, systemdCgroup, root: join(bundle.path, "state") },
    stdio: {
      child: ["ignore", "ignore", stderr],
      handedOver: () => {},
      closeStdin: () => {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
  const runtime = await chooseRuntime(own, undefined, host.spawn);
  const known = await readSpecVersion(runtime.executable, host.stateDir, host.spawn);
  const place = jobPlace(request.namespace, request.bundle.path, systemdCgroup);
  writeSpec(bundle, jobSpec(job, lowerSpecVersion(OCI_VERSION, known), place));
  return { runtime, init: await createInit(runtime, own, host) };
}

async function runToEnd(runtime: OciRuntime, init: ClaimedChild, timeoutMs: number): Promise<JobEnd> {
  const membership = readCgroupMembership(init.pid);
  await translated(() => runtime.start(JOB_ID, false));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    init.signal(osConstants.signals.SIGKILL);
  }, timeoutMs);
  const { status } = await init.exited;
  clearTimeout(timer);
  if (timedOut) return { kind: "timed-out" };
  if (membership !== undefined && countOomKills(locateCgroup(membership)) > 0n)
    return { kind: "out-of-memory" };
  return { kind: "exited", status };
}

/**
 * The program's stderr: a pipe of which only the beginning is looked at. What does not fit is refused to the program, which
 * does not wait for a reader.
 */
function openWords() {
  const pipe = createPipe();
  const [read, write] = [
    openSync(`/proc/self/fd/${pipe.read}`, constants.O_RDONLY | constants.O_NONBLOCK),
    openSync(`/proc/self/fd/${pipe.write}`, constants.O_WRONLY | constants.O_NONBLOCK),
  ];
  closeSync(pipe.read);
  closeSync(pipe.write);
  let isOurs = true;
  const handedOver = () => {
    if (isOurs) closeSync(write);
    isOurs = false;
  };
  return {
    write,
    handedOver,
    read: () => readWords(read),
    [Symbol.dispose]() {
      handedOver();
      closeSync(read);
    },
  };
}

function readWords(fd: number): string {
  const bytes = new Uint8Array(MAX_WORDS_BYTES);
  try {
    return new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes))).trim();
  } catch (error) {
    if (hasErrno(error, "EAGAIN")) return ""; // it wrote nothing, and something still could
    throw error;
  }
}
