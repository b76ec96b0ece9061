// SPDX-License-Identifier: Apache-2.0
export { messageOf, ShimError, type Code } from "./error.ts";
export type {
  CreateInstance,
  ExecProcess,
  ExecRequest,
  Instance,
  InstanceHost,
  InstanceRequest,
} from "./instance.ts";
export type { Job } from "./job/job-spec.ts";
export { runJob, type JobEnd, type JobOwner, type JobResult } from "./job/run-job.ts";
export { isThere, readText } from "./linux/file-syscalls.ts";
export { writeStderr } from "./linux/output.ts";
export { tryLockExclusive } from "./linux/socket-syscalls.ts";
export type { Logger } from "./log/logger.ts";
export { ociInstances } from "./oci-instance/oci-instance.ts";
export {
  runAsItCame,
  type DecideWorkload,
  type ExecWorkload,
  type SignalDelivery,
  type Workload,
} from "./oci-instance/workload.ts";
export { runShim, type DaemonScope, type ShimDefinition } from "./shim.ts";
