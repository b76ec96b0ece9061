// SPDX-License-Identifier: Apache-2.0
export { ShimError, type Code } from "./error.ts";
export type {
  CreateInstance,
  ExecProcess,
  ExecRequest,
  Instance,
  InstanceHost,
  InstanceRequest,
} from "./instance.ts";
export type { Logger } from "./log/logger.ts";
export { ociInstances } from "./oci-instance/oci-instance.ts";
export {
  runAsItCame,
  type DecideWorkload,
  type ExecWorkload,
  type SignalDelivery,
  type Workload,
} from "./oci-instance/workload.ts";
export { runShim, type ShimDefinition } from "./shim.ts";
