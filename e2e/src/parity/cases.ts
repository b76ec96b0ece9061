// SPDX-License-Identifier: Apache-2.0
import { CGROUP_CASES } from "./cases/cgroups.ts";
import { DEVICE_CASES } from "./cases/devices.ts";
import { KERNEL_CASES } from "./cases/kernel.ts";
import { LIFECYCLE_CASES } from "./cases/lifecycle.ts";
import { MOUNT_CASES } from "./cases/mounts.ts";
import { NAMESPACE_CASES } from "./cases/namespaces.ts";
import { PROCESS_CASES } from "./cases/processes.ts";
import { RESTART_CASES } from "./cases/restarts.ts";
import { SIGNAL_CASES } from "./cases/signals.ts";
import { STDIO_CASES } from "./cases/stdio.ts";
import type { ParityCase } from "./parity-case.ts";

/** The table: what a native container is given and does, area by area. */
export const CASES: readonly ParityCase[] = [
  PROCESS_CASES,
  KERNEL_CASES,
  MOUNT_CASES,
  DEVICE_CASES,
  NAMESPACE_CASES,
  CGROUP_CASES,
  SIGNAL_CASES,
  STDIO_CASES,
  LIFECYCLE_CASES,
  RESTART_CASES,
].flat();
